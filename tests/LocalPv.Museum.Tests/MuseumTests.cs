using LocalPv.Sim.Plans;
using Xunit.Abstractions;

namespace LocalPv.Museum.Tests;

/// <summary>
/// Every planted bug is found. Each has a small plan that finds it (<c>Plans/</c>, written by hand or by <c>localpv-sim museum --save</c>);
/// a change of the code may call for another one. One bug at a time is switched on in the whole process, so all of this is one class.
/// </summary>
public sealed class MuseumTests(ITestOutputHelper output)
{
    // What a plan finds hangs on latencies and ties, which every change of the code moves a little: a plan that few draws of them find is
    // one that the next change loses.
    private const int DrawsLeast = 4;

    public static TheoryData<string> Names => [.. Exhibit.All.Select(exhibit => exhibit.Name)];

    [Fact]
    public void Museum_ShowsTheCanaryAndTwentyBugs()
    {
        Assert.Equal(Enumerable.Range(0, 21).Select(number => $"M{number:00}"), Exhibit.All.Select(exhibit => exhibit.Name));
        var known = LocalPv.Sim.Checking.AllRules.Create(new()).Select(rule => rule.Id).ToHashSet();
        Assert.All(Exhibit.All, exhibit => Assert.Subset(known, exhibit.Fires.ToHashSet()));
    }

    [Fact]
    public void Canary_FreshSeed_IsFoundAtOnceAndMadeSmall()
    {
        var seed = (ulong)Random.Shared.NextInt64(1, 1L << 40);
        output.WriteLine($"seed: {seed}");
        var kill = Hunt.Run(Exhibit.Canary, seed, 5, TimeSpan.FromMinutes(2), PlanGenerator.From);
        Assert.True(kill.Report is { IsGood: false }, $"Not found by 5 seeds from {seed} on.");
        var runs = 0;
        var small = Hunt.Shrink(Exhibit.Canary, kill.Report, () => ++runs > 150).Smallest;
        Assert.Equal(kill.Report.Violation!.Invariant, small.Violation!.Invariant);
        Assert.True(
            small.Plan.Size is { Nodes: <= 3, Operations: <= 5, Faults: <= 2 }, $"{small.Plan.Size} after {runs} runs:\n{small.Plan}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void PlantedBug_ItsSmallPlan_BreaksAnInvariantOnlyWhereTheBugIs(string name)
    {
        var exhibit = Exhibit.All.Single(exhibit => exhibit.Name == name);
        var plan = PlanReader.Read(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Plans", name + ".txt")));
        var drawn = Hunt.Draws(exhibit, plan, Visit.DrawsOfKept);
        var heard = drawn.Found is [var first, ..] ? first.Violation : null;
        output.WriteLine($"{name} by {drawn.Found.Count} of {Visit.DrawsOfKept} draws: {heard}");
        Assert.True(
            drawn.Found.Count >= DrawsLeast,
            $"{name} ({exhibit.Title}) was found by {drawn.Found.Count} of {Visit.DrawsOfKept} draws of its plan, and {DrawsLeast} are "
            + $"wanted; heard: {string.Join("; ", drawn.Other)}. "
            + $"Find another: localpv-sim museum --only {name} --save tests/LocalPv.Museum.Tests/Plans");
        Assert.All(drawn.Found.Take(2), found => Assert.Null(Hunt.Try("", found.Plan).Violation));
    }

    [Fact]
    public void Visit_TheCanary_IsReportedAndGood()
    {
        using var text = new StringWriter();
        var options = new MuseumOptions { Only = [Exhibit.Canary], Ranges = 2, ShrinkMost = TimeSpan.Zero, Plan = Galleries.Plan };
        var code = new Visit(options, text).Run();
        Assert.Equal(Visit.Good, code);
        var report = text.ToString();
        Assert.Contains("M00   2/2", report, StringComparison.Ordinal);
        Assert.Contains("1 of 1 found", report, StringComparison.Ordinal);
        Assert.Contains("spoke first: S05 (M00)", report, StringComparison.Ordinal);
        Assert.Contains("killed nothing: S01", report, StringComparison.Ordinal);
    }

    [Fact]
    public void Visit_TheCanaryIsNotFound_IsWorthless()
    {
        var options = new MuseumOptions { Only = [Exhibit.Canary], Ranges = 1, SeedsMax = 1, Plan = _ => new Plan() };
        Assert.Equal(Visit.Worthless, new Visit(options, TextWriter.Null).Run());
    }

    [Fact]
    public void Visit_AnotherBugIsNotFound_IsMissed()
    {
        var options = new MuseumOptions { Only = ["M07"], Ranges = 1, SeedsMax = 1, Plan = _ => new Plan() };
        Assert.Equal(Visit.Missed, new Visit(options, TextWriter.Null).Run());
    }

    [Fact]
    public void Command_ABugThatIsNotThere_IsBadInput() => Assert.Equal(2, Program.Main(["museum", "--only", "M77"]));
}
