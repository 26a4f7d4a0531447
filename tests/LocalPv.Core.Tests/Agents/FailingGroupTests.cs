using LocalPv.Core.Agents;
using LocalPv.Core.Disks;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;
using LocalPv.Core.Tests.World;

namespace LocalPv.Core.Tests.Agents;

/// <summary>A volume group that is seen, but in which LVM can make nothing, as on a disk that takes no more writes.</summary>
public sealed class FailingGroupTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(3);

    [Fact]
    public void Group_InWhichNothingCanBeMade_IsDegradedAndSaysWhyUntilSomethingIs()
    {
        var world = new TestWorld();
        world.AddClass();
        world.Settle(Long);
        world.FateOf = (_, effect) =>
            effect is Effect.CallStorage { Request: NodeStorageRequest.CreateLogicalVolume } ? Fate.IsNotDone : Fate.Runs;
        world.AddClaim("data", "1Gi");
        world.Settle(Long);
        var status = NodeLocalStorageStatus.Read(world.Storage!.Status);
        Assert.Equal(StoragePhase.Degraded, status.Phase);
        var condition = Assert.Single(status.Conditions, condition => condition.Type == "VolumeGroupReady");
        Assert.Equal("False", condition.Status);
        Assert.Contains("CreateLogicalVolume", condition.Message, StringComparison.Ordinal);

        world.FateOf = (_, _) => Fate.Runs;
        world.AddClaim("more", "1Gi");
        world.Settle(Long);
        Assert.Equal("Bound", world.Claim("more")!.Phase);
        Assert.Equal(StoragePhase.Ready, NodeLocalStorageStatus.Read(world.Storage!.Status).Phase);
    }

    [Fact]
    public void Group_InWhichOneChangeFailed_IsNotDegraded()
    {
        var world = new TestWorld();
        world.AddClass();
        world.Settle(Long);
        var failures = 1;
        world.FateOf = (_, effect) =>
            effect is Effect.CallStorage { Request: NodeStorageRequest.CreateLogicalVolume } && failures-- > 0 ? Fate.IsNotDone : Fate.Runs;
        world.AddClaim("data", "1Gi");
        var phases = new List<string>();
        world.Server.Committed += change =>
        {
            if (change.Object is NodeLocalStorage storage)
            {
                phases.Add(storage.Phase);
            }
        };
        world.Settle(Long);
        Assert.Equal("Bound", world.Claim("data")!.Phase);
        Assert.All(phases, phase => Assert.Equal("Ready", phase));
    }
}
