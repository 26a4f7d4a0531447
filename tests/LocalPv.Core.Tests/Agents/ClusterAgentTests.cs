using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Provisioning;
using LocalPv.Core.Tests.World;

namespace LocalPv.Core.Tests.Agents;

public sealed class ClusterAgentTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(30);

    [Fact]
    public void Claim_OfADeletedNode_GoesBackToTheSchedulerWithinTwoMinutes()
    {
        var world = new ClusterWorld();
        world.AddClass("""{"nodes":[{"name":"node-a","disks":["/dev/sdb"]},{"name":"gone","disks":["/dev/sdb"]}]}""");
        var claim = world.AddClaim("data", "gone");
        world.Settle(Moment);
        Assert.Equal("gone", world.Claim("data").SelectedNode);
        world.Settle(TimeSpan.FromMinutes(1.5));

        Assert.Null(world.Claim("data").SelectedNode);
        Assert.Equal("NodeGone", Assert.Single(FailedOn.Read(world.Claim("data").Annotation(WellKnown.FailedOnAnnotation)).Entries).Reason);
        Assert.Equal(claim.Uid, world.Claim("data").Uid);
    }

    [Fact]
    public void Claim_OfANodeThatNobodyLookedForAWhile_IsGivenTheWholeGraceAnew()
    {
        var world = new ClusterWorld();
        world.AddClass("""{"nodes":[{"name":"gone","disks":["/dev/sdb"]}]}""");
        world.AddClaim("data", "gone");
        world.Settle(TimeSpan.FromMinutes(1));
        world.CutOffLeader();
        world.Settle(TimeSpan.FromMinutes(1));
        Assert.Equal(0, world.Leaders);
        world.Reconnect();
        world.Settle(TimeSpan.FromMinutes(1));
        Assert.Equal(1, world.Leaders);
        Assert.Equal("gone", world.Claim("data").SelectedNode);
        world.Settle(TimeSpan.FromMinutes(2));
        Assert.Null(world.Claim("data").SelectedNode);
    }

    [Fact]
    public void Claim_WhoseVolumeTheNodeHasReported_IsNotGivenBackWhileTheNodeMayReturn()
    {
        var world = new ClusterWorld();
        world.AddClass("""{"nodes":[{"name":"gone","disks":["/dev/sdb"]}]}""");
        var claim = world.AddClaim("data", "gone");
        world.AddStorage("fast", "gone", claim.Uid);
        world.Settle(TimeSpan.FromMinutes(4));
        Assert.Equal("gone", world.Claim("data").SelectedNode);
    }

    [Fact]
    public void Claim_WithAVolume_IsNeverGivenBack()
    {
        var world = new ClusterWorld();
        world.AddClass("""{"nodes":[{"name":"gone","disks":["/dev/sdb"]}]}""");
        var claim = world.AddClaim("data", "gone");
        world.AddVolume(claim, "gone", "Delete");
        world.Settle(TimeSpan.FromMinutes(20));
        Assert.Equal("gone", world.Claim("data").SelectedNode);
    }

    [Fact]
    public void Claim_OnANodeThatIsThere_IsItsAgentsOnly()
    {
        var world = new ClusterWorld();
        world.AddClass("""{"nodes":[{"name":"node-a","disks":["/dev/sdb"]}]}""");
        world.AddClaim("data", "node-a");
        world.AddClaim("lost", "node-b");
        world.Settle(TimeSpan.FromMinutes(20));
        Assert.Equal("node-a", world.Claim("data").SelectedNode);
        Assert.Null(world.Claim("lost").SelectedNode);
    }

    [Fact]
    public void DeletedNode_LeavesNothingTerminatingForEver()
    {
        var world = new ClusterWorld();
        world.AddClass("""{"nodes":[{"name":"gone","disks":["/dev/sdb"]}]}""");
        world.AddStorage("fast", "gone", "");
        world.AddVolume(null, "gone", "Delete");
        world.Settle(TimeSpan.FromMinutes(4));
        Assert.NotNull(world.Find(ResourceTypes.NodeLocalStorages, "fast.gone"));
        Assert.Single(world.Server.Snapshot(ResourceTypes.PersistentVolumes));

        world.Settle(TimeSpan.FromMinutes(4));
        Assert.Null(world.Find(ResourceTypes.NodeLocalStorages, "fast.gone"));
        Assert.DoesNotContain(
            world.Server.Snapshot(ResourceTypes.PersistentVolumes), volume => volume.HasFinalizer(WellKnown.LogicalVolumeFinalizer));
    }

    [Fact]
    public void DeletedNode_KeepsARetainedVolumeUntilItIsDeclaredLost()
    {
        var world = new ClusterWorld();
        var volume = world.AddVolume(null, "gone", "Retain");
        world.Delete(volume);
        world.Settle(TimeSpan.FromMinutes(20));
        volume = (PersistentVolume)Assert.Single(world.Server.Snapshot(ResourceTypes.PersistentVolumes));
        Assert.True(volume.HasFinalizer(WellKnown.LogicalVolumeFinalizer));

        world.Patch(volume, JsonMap.Of(("metadata", JsonMap.Of(("annotations", JsonMap.Of((WellKnown.LostAnnotation, "true")))))));
        world.Settle(TimeSpan.FromMinutes(7));
        Assert.DoesNotContain(
            world.Server.Snapshot(ResourceTypes.PersistentVolumes), each => each.HasFinalizer(WellKnown.LogicalVolumeFinalizer));
    }

    [Fact]
    public void Volume_OfANodeThatIsThere_IsLeftAlone()
    {
        var world = new ClusterWorld();
        world.AddStorage("fast", "node-a", "");
        var volume = world.AddVolume(null, "node-a", "Delete");
        world.Delete(volume);
        world.Settle(TimeSpan.FromMinutes(30));
        Assert.True(Assert.Single(world.Server.Snapshot(ResourceTypes.PersistentVolumes)).HasFinalizer(WellKnown.LogicalVolumeFinalizer));
        Assert.NotNull(world.Find(ResourceTypes.NodeLocalStorages, "fast.node-a"));
    }

    [Fact]
    public void Class_WithErrors_GetsOneEventThatNamesThem()
    {
        var world = new ClusterWorld();
        world.AddClass("""{"nodes":[{"name":"node-a","disks":["/dev/sdb"]}],"nonsense":1,"reserve":"much"}""");
        world.Settle(TimeSpan.FromMinutes(20));
        var told = Assert.Single(world.Server.Snapshot(ResourceTypes.Events));
        Assert.Equal("InvalidStorageClass", told.Tree.Text("reason"));
        Assert.Contains("nonsense", told.Tree.Text("message"), StringComparison.Ordinal);
        Assert.Contains("reserve", told.Tree.Text("message"), StringComparison.Ordinal);
    }

    [Fact]
    public void Class_WithUnknownNodes_NamesThem()
    {
        var world = new ClusterWorld();
        world.AddClass("""{"nodes":[{"name":"node-x","disks":["/dev/sdb"]}]}""");
        world.Settle(Moment);
        var told = Assert.Single(world.Server.Snapshot(ResourceTypes.Events));
        Assert.Contains("node-x", told.Tree.Text("message"), StringComparison.Ordinal);
    }

    [Fact]
    public void Pod_WithOneBoundClaimAndAFullNode_IsToldWhy()
    {
        var world = new ClusterWorld();
        world.AddClass("""{"nodes":[{"name":"node-a","disks":["/dev/sdb"]}]}""");
        world.AddStorage("fast", "node-a", "");
        var bound = world.AddClaim("bound", "node-a");
        world.AddVolume(bound, "node-a", "Delete");
        world.Patch(bound, JsonMap.Of(("spec", JsonMap.Of(("volumeName", "pvc-" + bound.Uid)))));
        world.AddClaim("open", null);
        world.AddPod("pod", "bound", "open");
        world.Settle(TimeSpan.FromMinutes(3));
        var told = Assert.Single(world.Server.Snapshot(ResourceTypes.Events));
        Assert.Equal("NodeIsFull", told.Tree.Text("reason"));
    }

    [Fact]
    public void Pod_ThatNamesItsNode_HasItsClaimsGivenToThatNode()
    {
        var world = new ClusterWorld();
        world.AddClass("""{"nodes":[{"name":"node-a","disks":["/dev/sdb"]},{"name":"node-b","disks":["/dev/sdb"]}]}""");
        world.AddClaim("open", null);
        world.AddClaim("taken", "node-a");
        world.AddClaim("unused", null);
        world.AddPodOn("node-b", "pod", "open", "taken");
        world.Settle(TimeSpan.FromSeconds(5));
        Assert.Equal("node-b", world.Claim("open").SelectedNode);
        Assert.Equal("node-a", world.Claim("taken").SelectedNode);
        Assert.Null(world.Claim("unused").SelectedNode);
    }

    [Fact]
    public void Pod_ThatNamesANodeWhichHasJustFailed_WaitsBeforeItsClaimIsGivenThereAgain()
    {
        var world = new ClusterWorld();
        world.AddClass("""{"nodes":[{"name":"node-a","disks":["/dev/sdb"]}]}""");
        var claim = world.AddClaim("data", null);
        world.Patch(claim, JsonMap.Empty.WithAt(
            ["metadata", "annotations", WellKnown.FailedOnAnnotation],
            FailedOn.Nothing.With(Core.Identity.NodeName.Parse("node-a"), "NoSpace", "full", world.Now).ToString()));
        world.AddPodOn("node-a", "pod", "data");
        world.Report("fast", "node-a", "8Gi");
        world.Settle(TimeSpan.FromSeconds(14));
        Assert.Null(world.Claim("data").SelectedNode);
        world.Settle(TimeSpan.FromSeconds(14));
        Assert.Equal("node-a", world.Claim("data").SelectedNode);
    }

    [Theory]
    [InlineData("NoSpace")]
    [InlineData("DiskMissing")]
    [InlineData("VolumeGroupMissing")]
    public void Pod_ThatNamesANodeWhichCannot_WaitsUntilTheNodeReportsThatItCan(string reason)
    {
        var world = new ClusterWorld();
        world.AddClass("""{"nodes":[{"name":"node-a","disks":["/dev/sdb"]}]}""");
        var claim = world.AddClaim("data", null);
        world.Patch(claim, JsonMap.Empty.WithAt(
            ["metadata", "annotations", WellKnown.FailedOnAnnotation],
            FailedOn.Nothing.With(Core.Identity.NodeName.Parse("node-a"), reason, "no", world.Now).ToString()));
        world.AddPodOn("node-a", "pod", "data");
        world.Settle(TimeSpan.FromMinutes(7));
        Assert.Null(world.Claim("data").SelectedNode);
        world.Report("fast", "node-a", "0", "Degraded");
        world.Settle(TimeSpan.FromMinutes(7));
        Assert.Null(world.Claim("data").SelectedNode);

        world.Report("fast", "node-a", "1Gi", "Degraded");
        world.Settle(Moment);
        Assert.Equal("node-a", world.Claim("data").SelectedNode);
    }

    [Fact]
    public void Pod_ThatNamesANodeWhoseClockIsAhead_WaitsByOurClock()
    {
        var world = new ClusterWorld();
        world.AddClass("""{"nodes":[{"name":"node-a","disks":["/dev/sdb"]}]}""");
        world.Report("fast", "node-a", "5Gi");
        world.Seed(ResourceTypes.PersistentVolumeClaims, TestObjects.Claim("data", "1Gi", null, "fast").WithAt(
            ["metadata", "annotations", WellKnown.FailedOnAnnotation],
            FailedOn.Nothing.With(Core.Identity.NodeName.Parse("node-a"), "NoSpace", "no", world.Now + TimeSpan.FromDays(1)).ToString()));
        world.AddPodOn("node-a", "pod", "data");
        world.Settle(TimeSpan.FromSeconds(14));
        Assert.Null(world.Claim("data").SelectedNode);

        world.Settle(TimeSpan.FromMinutes(2));
        Assert.Equal("node-a", world.Claim("data").SelectedNode);
    }

    [Fact]
    public void Pod_OfAnotherProvisionersClaimOrOfNoNode_IsLeftAlone()
    {
        var world = new ClusterWorld();
        world.AddClass("""{"nodes":[{"name":"node-a","disks":["/dev/sdb"]}]}""");
        world.AddClaim("ours", null);
        world.Seed(ResourceTypes.PersistentVolumeClaims, TestObjects.Claim("theirs", "1Gi", null, "standard"));
        world.AddPodOn("node-a", "pod", "theirs");
        world.AddPodOn("nowhere", "lost", "ours");
        world.Settle(TimeSpan.FromMinutes(1));
        Assert.Null(world.Claim("theirs").SelectedNode);
        Assert.Null(world.Claim("ours").SelectedNode);
    }

    [Fact]
    public void Leaders_AtAnyTime_AreAtMostOne()
    {
        var world = new ClusterWorld(agents: 3);
        for (var second = 0; second < 120; second++)
        {
            world.Settle(TimeSpan.FromSeconds(1));
            Assert.InRange(world.Leaders, 0, 1);
        }

        Assert.Equal(1, world.Leaders);
    }

    [Fact]
    public void Leader_ThatDies_IsFollowedByAnotherWithinTwentySeconds()
    {
        var world = new ClusterWorld(agents: 2);
        world.Settle(Moment);
        world.KillLeader();
        Assert.Equal(0, world.Leaders);
        world.Settle(TimeSpan.FromSeconds(20));
        Assert.Equal(1, world.Leaders);
    }

    [Fact]
    public void Leader_CutOffFromTheApi_StopsActingBeforeAnotherStarts()
    {
        var world = new ClusterWorld(agents: 2);
        world.Settle(Moment);
        world.CutOffLeader();
        for (var tenth = 0; tenth < 300; tenth++)
        {
            world.Settle(TimeSpan.FromMilliseconds(100));
            Assert.InRange(world.Leaders, 0, 1);
        }

        Assert.Equal(1, world.Leaders);
    }

    [Fact]
    public void Leader_ThatNobodyDisturbs_RenewsItsLeaseWithoutLookingFirst()
    {
        var world = new ClusterWorld();
        world.Settle(Moment);
        world.LeaseRequests.Clear();
        world.Settle(TimeSpan.FromMinutes(2));
        Assert.InRange(world.LeaseRequests.Count, 30, 120);
        Assert.All(world.LeaseRequests, request => Assert.IsType<ClusterRequest.Replace>(request));
        Assert.Equal(1, world.Leaders);
    }

    [Fact]
    public void Leader_WhoseLeaseSomebodyElseHasWritten_LooksOnceAndGoesOnLeading()
    {
        var world = new ClusterWorld();
        world.Settle(Moment);
        var lease = world.Server.Find(ResourceTypes.Leases, new ObjectKey("localpv-system", "localpv-controller"))!;
        world.Patch(lease, JsonMap.Of(("metadata", JsonMap.Of(("annotations", JsonMap.Of(("example.com/touched", "yes")))))));
        world.LeaseRequests.Clear();
        for (var second = 0; second < 60; second++)
        {
            world.Settle(TimeSpan.FromSeconds(1));
            Assert.Equal(1, world.Leaders);
        }

        Assert.Single(world.LeaseRequests.OfType<ClusterRequest.Get>());
        Assert.Equal("yes", world.Server.Find(lease.Type, lease.Key)!.Annotation("example.com/touched"));
    }
}
