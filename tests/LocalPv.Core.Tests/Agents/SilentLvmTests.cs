using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Tests.World;

namespace LocalPv.Core.Tests.Agents;

/// <summary>
/// LVM that does not answer is told of in time: who counts on a report does so for a minute only, and takes what it does not show for free
/// then.
/// </summary>
public sealed class SilentLvmTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(20);

    [Fact]
    public void Change_ThatIsNotAnswered_IsToldOfWhenItHangs()
    {
        var world = Ready();
        var asked = world.Now;
        Silence(world, effect => effect is Effect.CallStorage { Request: not NodeStorageRequest.Scan });
        world.AddClaim("data", "1Gi");

        world.Settle(world.Options.HungAfter - TimeSpan.FromSeconds(1));
        Assert.Equal("True", Responsive(world));

        world.Settle(asked + world.Options.HungAfter + TimeSpan.FromSeconds(1) - world.Now);
        Assert.Equal("False", Responsive(world));
    }

    [Fact]
    public void Change_WhoseTimeIsUp_StaysToldOfUntilAScanShowsWhatItDid()
    {
        var world = Ready();
        Silence(world, effect => effect is Effect.CallStorage);
        world.AddClaim("data", "1Gi");
        world.Settle(world.Options.HungAfter + TimeSpan.FromSeconds(1));
        var change = world.History.Last(effect => effect is Effect.CallStorage { Request: NodeStorageRequest.CreateLogicalVolume });
        world.TimeOut(change);
        world.Settle(TimeSpan.FromSeconds(5));
        Assert.Equal("False", Responsive(world));

        world.FateOf = (_, _) => Fate.Runs;
        world.TimeOut(world.History.Last(effect => effect is Effect.CallStorage { Request: NodeStorageRequest.Scan }));
        world.Settle(Moment);
        Assert.Equal("True", Responsive(world));
        Assert.Equal("Bound", world.Claim("data")!.Phase);
    }

    [Fact]
    public void Scan_ThatIsNotAnswered_IsToldOfWhenItsTimeIsUp()
    {
        var world = Ready();
        Silence(world, effect => effect is Effect.CallStorage { Request: NodeStorageRequest.Scan });
        world.Settle(world.Options.ScanPeriod + world.Options.ScanTimeout);
        Assert.Equal("True", Responsive(world));

        world.TimeOut(world.History.Last(effect => effect is Effect.CallStorage));
        world.Settle(TimeSpan.FromMilliseconds(100));
        Assert.Equal("False", Responsive(world));
    }

    /// <summary>
    /// An extender holds the space of a claim that is gone until a later report: it must not wait for the next periodic one.
    /// </summary>
    [Fact]
    public void Claim_ThatEndsBeforeItsVolumeIsMade_HasALaterScanReported()
    {
        var world = Ready();
        var before = world.Storage!.ScanSequence;
        Silence(world, effect => effect is Effect.CallCluster { Request: ClusterRequest.Get });
        var claim = world.AddClaim("data", "1Gi");
        world.Settle(TimeSpan.FromSeconds(1));
        world.Delete(claim);
        world.FateOf = (_, _) => Fate.Runs;
        world.TimeOut(world.History.Last(effect => effect is Effect.CallCluster));
        world.Settle(TimeSpan.FromSeconds(5));

        Assert.Null(world.Claim("data"));
        Assert.Empty(world.Lvm.Volumes);
        Assert.True(world.Storage!.ScanSequence > before, $"Scan {before} is still the last that is reported.");
    }

    /// <summary>Two agents of one node, as in a rollout, give each other's scans their numbers; a number stands for one of them.</summary>
    [Fact]
    public void Scans_ThatFailAfterAnotherAgentSawTheSame_AreToldOfAsNewsOfItsScan()
    {
        var world = Ready();
        world.Settle(world.Options.ScanPeriod);
        Silence(world, effect => effect is Effect.CallStorage, Fate.IsNotDone);
        var number = world.Storage!.ScanSequence + 1;
        var time = (world.Now + TimeSpan.FromSeconds(1)).ToRfc3339();
        world.Patch(
            world.Storage, JsonMap.Of(("status", JsonMap.Of(("scanSequence", number), ("lastScanTime", time)))), "status");
        world.Settle(world.Options.ScanPeriod + Moment);

        Assert.Equal("False", Responsive(world));
        Assert.Equal(number, world.Storage.ScanSequence);
        Assert.Equal(time, world.Storage.Status.Text("lastScanTime"));
    }

    /// <summary>Whoever has made the volume, another agent or an earlier life of this one: the claim must not go elsewhere.</summary>
    [Fact]
    public void NameThatIsTaken_ScansThatLeaveOutTheGroup_SettleNoDoubt()
    {
        var world = Ready();
        var claim = world.AddClaim("data", "1Gi");
        world.Lvm.AddForeignVolume(
            TestWorld.Group,
            "pvc-" + claim.Uid,
            256,
            WellKnown.OurTag,
            WellKnown.ClaimTagPrefix + claim.Uid,
            WellKnown.ClaimKeyTagPrefix + "default/data");
        world.Lvm.LeavesOutGroups = true;
        world.Settle(TimeSpan.FromMinutes(3));
        Assert.Equal(world.Node.Value, world.Claim("data")!.SelectedNode);

        world.Lvm.LeavesOutGroups = false;
        world.Settle(TimeSpan.FromMinutes(2));
        Assert.Equal("Bound", world.Claim("data")!.Phase);
    }

    [Fact]
    public void Group_ThatScansLeaveOut_HoldsUpNoOther()
    {
        var world = Ready();
        world.Lvm.AddDisk("/dev/sdc", Units.Bytes.FromGibibytes(10));
        world.Seed(ResourceTypes.StorageClasses, TestObjects.Class(
            "other", """{"nodes":[{"name":"node-a","disks":["/dev/sdc"]}]}"""));
        world.Settle(world.Options.ScanPeriod + Moment);
        var claim = world.AddClaim("data", "1Gi");
        world.Lvm.AddForeignVolume(
            TestWorld.Group, "pvc-" + claim.Uid, 256, WellKnown.OurTag, WellKnown.ClaimTagPrefix + claim.Uid);
        world.Lvm.LeftOut.Add(TestWorld.Group);
        world.Settle(TimeSpan.FromMinutes(10));
        var scans = world.History.Count(IsScan);

        world.AddClaim("large", "1Ti", className: "other");
        world.Settle(TimeSpan.FromSeconds(5));

        Assert.Null(world.Claim("large")!.SelectedNode);
        Assert.InRange(world.History.Count(IsScan) - scans, 1, 3);
        Assert.NotNull(world.Claim("data")!.SelectedNode);
    }

    private static bool IsScan(Effect effect) => effect is Effect.CallStorage { Request: NodeStorageRequest.Scan };

    private static TestWorld Ready()
    {
        var world = new TestWorld();
        world.AddClass();
        world.Settle(Moment);
        Assert.Equal("True", Responsive(world));
        return world;
    }

    private static void Silence(TestWorld world, Func<Effect, bool> silent, Fate fate = Fate.IsNotAnswered) =>
        world.FateOf = (_, effect) => silent(effect) ? fate : Fate.Runs;

    private static string Responsive(TestWorld world) =>
        world.Storage!.Report.Conditions.Single(condition => condition.Type == "Responsive").Status;
}
