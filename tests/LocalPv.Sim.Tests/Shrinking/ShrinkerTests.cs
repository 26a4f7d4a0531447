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
}
