using LocalPv.Sim.Plans;
using LocalPv.Sim.Scenarios;
using LocalPv.Sim.Tests.Scenarios;

namespace LocalPv.Sim.Tests.Checking;

/// <summary>All invariants together over runs in which nothing is wrong.</summary>
public sealed class GoodHistoryTests
{
    [Theory]
    [InlineData("one-claim.txt")]
    [InlineData("pod-with-two-claims.txt")]
    public void Invariants_QuietRunWithItsAftermath_AreSilent(string file)
    {
        var scenario = ScenarioReader.Read(File.ReadAllText(ScenarioFiles.PathOf(file)));
        var report = PlanRunner.Run(scenario.Plan with { Seed = 7, HealAt = TimeSpan.FromMinutes(3), Recovery = TimeSpan.FromMinutes(45) });
        Assert.True(report.IsGood, report.Violation?.ToString());
        Assert.True(report.Simulated > TimeSpan.FromMinutes(45));
    }
}
