using LocalPv.Sim.Plans;
using LocalPv.Sim.Scenarios;

namespace LocalPv.Sim.Tests.Scenarios;

/// <summary>Every scenario comes out as it says, whatever the latencies and ties.</summary>
public sealed class ScenarioTests
{
    private const int SeedsEach = 4;

    public static TheoryData<string> Files => new(ScenarioFiles.Names);

    [Theory]
    [MemberData(nameof(Files))]
    public void Scenario_ManySeeds_ComesOutAsItSays(string file)
    {
        var scenario = ScenarioReader.Read(File.ReadAllText(ScenarioFiles.PathOf(file)));
        Assert.NotEmpty(scenario.Title);
        for (var seed = 1UL; seed <= SeedsEach; seed++)
        {
            var result = ScenarioRunner.Run(scenario, seed);
            Assert.True(result.IsGood, $"{file}, seed {seed}: {result.Violation}{Untrue(result)}");
        }
    }

    [Fact]
    public void Scenario_ExpectationThatIsWrong_IsReportedWithWhatIsSeenInstead()
    {
        var result = ScenarioRunner.Run(
            ScenarioReader.Read("cluster nodes=1\nat 0s class fast\nat 5s pod web claims=data:1Gi:fast\nby 1m volumes on node-1 2"), 1);
        Assert.False(result.IsGood);
        Assert.Equal("node-1 has 1", result.Expectations[0].Instead);
    }

    [Fact]
    public void Scenario_StepThatNamesWhatIsNotThere_NamesTheLineAndWhatThereIs()
    {
        var error = Assert.Throws<PlanException>(() => ScenarioRunner.Run(ScenarioReader.Read("at 1s crash agent/node-9"), 1));
        Assert.StartsWith("line 1: there is no process 'agent/node-9': use agent/node-1", error.Message, StringComparison.Ordinal);
    }

    private static string Untrue(ScenarioResult result) => string.Concat(
        result.Expectations.Where(expectation => expectation.TrueSince is null)
            .Select(expectation => $"\n  line {expectation.Expectation.Line}: {expectation.Expectation.Text}: {expectation.Instead}"));
}
