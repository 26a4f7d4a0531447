using LocalPv.Sim.Checking;
using LocalPv.Sim.Plans;
using LocalPv.Sim.Sweeps;

namespace LocalPv.Sim.Tests.Sweeps;

/// <summary>
/// Nothing left to chance: every effect of a small run, and stretches of its writes, each with the one thing that can go wrong there.
/// </summary>
public sealed class SweepTests
{
    private static readonly Reference Swept = Reference.Of(ReferencePlan.Read());

    [Fact]
    public void Reference_WithoutFaults_IsGoodAndDoesEverything()
    {
        Assert.Null(Swept.Report.Violation);
        var changes = Swept.Effects.Where(effect => effect.IsChange).Select(effect => effect.What).ToHashSet(StringComparer.Ordinal);
        Assert.Superset(
            new HashSet<string>(StringComparer.Ordinal)
            {
                "CreateVolumeGroup", "CreateLogicalVolume", "RemoveLogicalVolume", "ExtendLogicalVolume",
                "Create persistentvolumes", "Patch persistentvolumes", "Create nodelocalstorages", "Create csistoragecapacities",
            },
            changes);
    }

    /// <summary>All cases are the command's: here some of each kind, spread over all processes and moments.</summary>
    [Theory]
    [InlineData("crash", 9)]
    [InlineData("lost", 11)]
    [InlineData("stale", 401)]
    [InlineData("unobserved", 409)]
    public void Sweep_OfEachKind_KeepsEveryInvariant(string word, int every) => Try(word, every);

    [Fact]
    public void Sweep_OfSomethingThatBreaks_FindsIt()
    {
        var broken = SweepCatalog.Crashes(Swept).Take(20).Select(tried => PlanRunner.Run(
            tried.Plan, new RunOptions { Invariants = () => [new NobodyDies()] })).Count(report => report.Violation is not null);
        Assert.Equal(20, broken);
    }

    /// <summary>A case is a plan like any other: as text it is the same run.</summary>
    [Fact]
    public void Case_WrittenAndRead_IsTheSameRun()
    {
        var plan = SweepCatalog.Crashes(Swept).ElementAt(7).Plan;
        Assert.Equal(PlanRunner.Run(plan).TraceHash, PlanRunner.Run(PlanReader.Read(PlanWriter.Write(plan))).TraceHash);
    }

    private static void Try(string word, int every)
    {
        var failed = new List<string>();
        var tried = 0;
        foreach (var one in SweepCatalog.All.Single(sweep => sweep.Word == word).Cases(Swept).Where((_, index) => index % every == 0))
        {
            tried++;
            if (PlanRunner.Run(one.Plan).Violation is { } violation)
            {
                failed.Add($"{one.What}: {violation}");
            }
        }

        Assert.True(tried > 10, $"Only {tried} cases.");
        Assert.True(failed.Count == 0, string.Join('\n', failed));
    }

    private sealed class NobodyDies : Invariant
    {
        public override string Id => "alive";

        public override string Statement => "No process dies.";

        public override void OnFault(Faults.ActiveFault fault, bool hasBegun) => Broken(fault.Target + " has died.");
    }
}
