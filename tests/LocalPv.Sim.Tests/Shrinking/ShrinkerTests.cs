using LocalPv.Sim.Checking;
using LocalPv.Sim.Faults;
using LocalPv.Sim.Plans;
using LocalPv.Sim.Shrinking;

namespace LocalPv.Sim.Tests.Shrinking;

public sealed class ShrinkerTests
{
    [Fact]
    public void Shrink_PlanOfASeed_LeavesLittleThatStillBreaksTheSame()
    {
        var failed = Run(WithCrashes(PlanGenerator.From(16)), null);
        Assert.Equal("planted", failed.Violation?.Invariant);
        var result = Shrinker.Shrink(failed, Run, () => false);
        var small = result.Smallest.Plan;
        Assert.Equal("planted", result.Smallest.Violation?.Invariant);
        Assert.True(
            small.Size is { Nodes: <= 3, Operations: <= 5, Faults: <= 2, Knobs: 0 },
            $"from {failed.Plan.Size} to {small.Size} in {result.Runs} runs:\n{small}");

        // What is printed is what broke.
        var again = Run(PlanReader.Read(PlanWriter.Write(small)), null);
        Assert.Equal(result.Smallest.Violation, again.Violation);
    }

    /// <summary>What needs a full disk is found again on a small one, with fewer Pods and one class.</summary>
    [Fact]
    public void Shrink_PlanThatNeedsAFullDisk_BecomesOneOfASmallDiskAndOneClass()
    {
        var steps = new List<TimedStep>
        {
            new(TimeSpan.Zero, new Step.MakeClass("fast", [], null, null)),
            new(TimeSpan.Zero, new Step.MakeClass("slow", [], null, null) { VolumeGroup = "fast" }),
        };
        steps.AddRange(Enumerable.Range(0, 14).Select(pod => new TimedStep(
            TimeSpan.FromSeconds(10 + (20 * pod)),
            new Step.MakePod($"p{pod}", [new ClaimText($"c{pod}", "1500Mi", pod % 2 == 0 ? "fast" : "slow")], null))));
        var plan = new Plan { Cluster = new ClusterShape(1, 1, Core.Units.Bytes.FromGibibytes(15)), Steps = [.. steps] };
        RunReport RunFull(Plan tried, TimeSpan? until) =>
            PlanRunner.Run(tried, new RunOptions { UntilTime = until, Invariants = () => [new Full()] });
        var result = Shrinker.Shrink(RunFull(plan, null), RunFull, () => false);
        var small = result.Smallest.Plan;
        Assert.True(
            small.Size is { Nodes: 1, Operations: <= 3 } && small.Cluster.DiskSize < Core.Units.Bytes.FromGibibytes(5),
            $"{small.Size} in {result.Runs} runs:\n{small}");
    }

    [Theory]
    [InlineData(new[] { 3 }, 1)]
    [InlineData(new[] { 3, 11 }, 2)]
    [InlineData(new int[0], 0)]
    [InlineData(new[] { 0, 7, 15 }, 3)]
    public void Minimize_SomeItemsAreNeeded_LeavesJustThose(int[] needed, int left)
    {
        var result = DeltaDebugging.Minimize(Enumerable.Range(0, 16).ToList(), items => needed.All(items.Contains));
        Assert.Equal(needed, result);
        Assert.Equal(left, result.Count);
    }

    // Everything of a quarter of an hour, in which every agent is started again once.
    private static Plan WithCrashes(Plan plan) => plan with
    {
        Steps =
        [
            .. plan.Steps.Where(step => step.At < TimeSpan.FromMinutes(15)),
            .. Enumerable.Range(0, plan.Cluster.Nodes).Select(node => new TimedStep(
                TimeSpan.FromSeconds(20),
                new Step.Break(new Fault(FaultType.Crash, "agent/" + Target.Late(node)) { For = TimeSpan.FromSeconds(3) }))),
        ],
        HealAt = TimeSpan.FromMinutes(15),
        Recovery = TimeSpan.FromMinutes(1),
    };

    private static RunReport Run(Plan plan, TimeSpan? until) =>
        PlanRunner.Run(plan, new RunOptions { UntilTime = until, Invariants = () => [new Planted()] });

    /// <summary>Breaks when a second logical volume is made on a node whose agent was down before.</summary>
    private sealed class Planted : Invariant
    {
        public override string Id => "planted";

        public override string Statement => "No node whose agent was started twice makes a volume.";

        public override void OnStorage(World.StorageCall call)
        {
            if (call.Request is Core.Ports.NodeStorageRequest.CreateLogicalVolume
                && Run.Cluster.Processes["agent/" + call.Node].Incarnation > 1)
            {
                Broken(call.Node);
            }
        }
    }

    /// <summary>Breaks when the extender turns a Pod away from every node.</summary>
    private sealed class Full : Invariant
    {
        public override string Id => "full";

        public override string Statement => "No Pod is turned away.";

        public override void OnExtender(World.ExtenderExchange exchange)
        {
            if (exchange.Filtered is { Error.Length: 0, Passed.IsEmpty: true } && !exchange.Candidates.IsEmpty)
            {
                Broken("full");
            }
        }
    }
}
