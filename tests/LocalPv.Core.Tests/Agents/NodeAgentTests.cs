using LocalPv.Core.Agents;
using LocalPv.Core.Disks;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Provisioning;
using LocalPv.Core.Tests.World;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Core.Tests.Agents;

public sealed class NodeAgentTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(20);

    [Fact]
    public void Class_ThatApplies_BecomesAReportedVolumeGroup()
    {
        var world = new TestWorld();
        world.AddClass(reserve: "1Gi");
        world.Settle(Moment);

        var storage = world.Storage!;
        var status = NodeLocalStorageStatus.Read(storage.Status);
        Assert.True(status.Phase == StoragePhase.Ready, storage.Tree.ToString());
        Assert.Equal(TestWorld.Group, status.VolumeGroup!.Name.Value);
        Assert.Equal(2559L * (4 << 20), status.Free.Value);
        Assert.True(storage.HasFinalizer(WellKnown.VolumeGroupFinalizer));
        Assert.Equal(world.Node.Value, storage.Label(WellKnown.NodeLabel));
        var capacity = Assert.Single(world.Server.Snapshot(ResourceTypes.CsiStorageCapacities));
        Assert.Equal(Quantity.Format(status.Free - Bytes.FromGibibytes(1)), capacity.Tree.Text("capacity"));
    }

    /// <summary>And before that nothing is done to a disk: the object could go at any time, and its group would stay.</summary>
    [Fact]
    public void Storage_WithoutOurFinalizer_GetsItBack()
    {
        var world = new TestWorld();
        world.AddClass();
        world.Settle(Moment);
        world.Patch(world.Storage!, JsonMap.Empty.WithAt(["metadata", "finalizers"], JsonList.Of("example.com/other")));
        world.Settle(Moment);

        Assert.Equal(["example.com/other", WellKnown.VolumeGroupFinalizer], world.Storage!.Finalizers);
    }

    [Fact]
    public void Claim_ThatSelectsTheNode_IsBoundToALocalVolume()
    {
        var world = new TestWorld();
        world.AddClass();
        world.Settle(Moment);
        world.AddClaim("data", "1Gi");
        world.Settle(Moment);

        var claim = world.Claim("data")!;
        var volume = Assert.Single(world.Volumes);
        Assert.Equal("Bound", claim.Phase);
        Assert.Equal($"pvc-{claim.Uid}", volume.Name);
        Assert.Equal($"/dev/{TestWorld.Group}/{volume.Name}", volume.LocalPath);
        Assert.Equal("node-a-host", volume.HostName);
        Assert.Equal("1Gi", volume.Capacity);
        Assert.Equal(claim.Uid, Assert.Single(world.Lvm.Volumes).Volume.Claim!.Value.Value);
        Assert.Equal(claim.Uid, Assert.Single(NodeLocalStorageStatus.Read(world.Storage!.Status).Volumes).Claim.Value);
        Assert.Contains("ProvisioningSucceeded", world.EventReasons);
    }

    [Fact]
    public void Claim_WithoutRoomInTruth_GoesBackToTheSchedulerAndRemembersTheNode()
    {
        var world = new TestWorld();
        world.AddClass();
        world.Settle(Moment);
        world.Lvm.AddForeignVolume(TestWorld.Group, "foreign", 2559);
        world.AddClaim("data", "1Gi");
        world.Settle(Moment);

        var claim = world.Claim("data")!;
        Assert.Null(claim.SelectedNode);
        Assert.Equal("NoSpace", FailedOn.Read(claim.Annotation(WellKnown.FailedOnAnnotation)).On(world.Node)!.Reason);
        Assert.Empty(world.Volumes);
        Assert.Equal("foreign", Assert.Single(world.Lvm.Volumes).Volume.Name.Value);
        Assert.Contains("ProvisioningFailed", world.EventReasons);
    }

    [Fact]
    public void Claim_IntoTheReserve_GoesBackToTheScheduler()
    {
        var world = new TestWorld();
        world.AddClass(reserve: "9Gi");
        world.Settle(Moment);
        world.AddClaim("data", "2Gi");
        world.Settle(Moment);

        Assert.Null(world.Claim("data")!.SelectedNode);
        Assert.Empty(world.Lvm.Volumes);
    }

    [Fact]
    public void Claim_ThatIsDeleted_TakesItsVolumeWithIt()
    {
        var world = Provisioned("Delete");
        world.Delete(world.Claim("data")!);
        world.Settle(Moment);

        Assert.Null(world.Claim("data"));
        Assert.Empty(world.Volumes);
        Assert.Empty(world.Lvm.Volumes);
        Assert.Empty(NodeLocalStorageStatus.Read(world.Storage!.Status).Volumes);
    }

    [Fact]
    public void Claim_OfARetainClass_LeavesItsDataEvenWhenTheVolumeObjectIsDeleted()
    {
        var world = Provisioned("Retain");
        world.Delete(world.Claim("data")!);
        world.Settle(Moment);
        var volume = Assert.Single(world.Volumes);
        Assert.Equal("Released", volume.Phase);

        world.Delete(volume);
        world.Settle(TimeSpan.FromHours(1));
        world.Crash();
        world.Settle(TimeSpan.FromHours(1));
        Assert.Empty(world.Volumes);
        Assert.Contains(Assert.Single(world.Lvm.Volumes).Volume.Tags, tag => tag.Value == WellKnown.RetainTag);
    }

    [Fact]
    public void Claim_ThatGrows_GrowsItsLogicalVolumeAndItsPersistentVolume()
    {
        var world = Provisioned("Delete");
        Grow(world, "2Gi");
        world.Settle(Moment);

        Assert.Equal("2Gi", Assert.Single(world.Volumes).Capacity);
        Assert.Equal(Bytes.FromGibibytes(2), Assert.Single(world.Lvm.Volumes).Volume.Size);
    }

    [Fact]
    public void Claim_ThatGrowsBeyondTheGroup_LosesNothingAndSaysSo()
    {
        var world = Provisioned("Delete");
        Grow(world, "20Gi");
        world.Settle(Moment);

        Assert.Equal("1Gi", Assert.Single(world.Volumes).Capacity);
        Assert.Contains("VolumeResizeFailed", world.EventReasons);
    }

    [Fact]
    public void Restart_AfterReboot_ActivatesVolumesAndReportsWithAHigherNumber()
    {
        var world = Provisioned("Delete");
        var before = world.Storage!.ScanSequence;
        world.Lvm.Deactivate();
        world.Crash();
        world.Settle(TimeSpan.FromMinutes(10));

        Assert.True(Assert.Single(world.Lvm.Volumes).Volume.Active);
        Assert.True(world.Storage!.ScanSequence > before);
    }

    [Fact]
    public void Report_OfAnotherAgentThatNeverSeesTheSame_IsAnsweredByANewScanAndNotAtOnceAgain()
    {
        var world = Provisioned("Delete");
        world.Settle(TimeSpan.FromMinutes(2));
        var begin = world.History.Count;
        for (var second = 0; second < 60; second++)
        {
            world.Patch(world.Storage!, JsonMap.Of(("status", JsonMap.Of(
                ("scanSequence", world.Storage!.ScanSequence + 1),
                ("lastScanTime", world.Now.ToRfc3339()),
                ("free", "4Mi")))), "status");
            world.Settle(TimeSpan.FromSeconds(1));
        }

        var reports = new List<int>();
        var scans = new List<int>();
        foreach (var (index, effect) in world.History.Index().Skip(begin))
        {
            (effect switch
            {
                Effect.CallCluster { Request: ClusterRequest.Replace { Type.Kind: "NodeLocalStorage" } } => reports,
                Effect.CallStorage { Request: NodeStorageRequest.Scan } => scans,
                _ => [],
            }).Add(index);
        }

        // A report rests on a scan after the one before; and a minute of quarrel costs some of them, not one a change.
        Assert.InRange(reports.Count, 3, 9);
        Assert.All(reports.Zip(reports.Skip(1)), pair => Assert.Contains(scans, scan => scan > pair.First && scan < pair.Second));
    }

    [Fact]
    public void Deletion_WhileTheGroupIsMissing_WaitsAndNeverCallsTheVolumeGone()
    {
        var world = Provisioned("Delete");
        world.Lvm.RemoveGroup(TestWorld.Group);
        world.Settle(TimeSpan.FromMinutes(3));
        world.Delete(world.Claim("data")!);
        world.Settle(TimeSpan.FromHours(1));

        Assert.True(Assert.Single(world.Volumes).HasFinalizer(WellKnown.LogicalVolumeFinalizer));
        Assert.Contains("VolumeFailedDelete", world.EventReasons);
    }

    [Fact]
    public void VolumeGroup_ThatIsMissing_SendsItsClaimsElsewhereAfterAGrace()
    {
        var world = new TestWorld();
        world.AddClass();
        world.Settle(Moment);
        world.Lvm.RemoveGroup(TestWorld.Group);
        world.Settle(TimeSpan.FromMinutes(2));
        world.AddClaim("data", "1Gi");
        world.Settle(TimeSpan.FromMinutes(2));

        Assert.Null(world.Claim("data")!.SelectedNode);
        Assert.Equal(StoragePhase.Failed, NodeLocalStorageStatus.Read(world.Storage!.Status).Phase);
        Assert.Equal("0", Assert.Single(world.Server.Snapshot(ResourceTypes.CsiStorageCapacities)).Tree.Text("capacity"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Lvm_ThatFallsSilentRightAfterAReport_IsToldOf(bool afterAnothersWrite)
    {
        var world = new TestWorld();
        world.AddClass();
        world.Settle(Moment + TimeSpan.FromMilliseconds(123));
        var silent = false;
        world.FateOf = (_, effect) =>
        {
            silent |= effect is Effect.CallCluster { Request: ClusterRequest.Replace { Type.Kind: "NodeLocalStorage" } }
                && world.Lvm.Volumes.Any();
            return silent && effect is Effect.CallStorage ? Fate.IsNotDone : Fate.Runs;
        };
        world.AddClaim("data", "1Gi");
        if (afterAnothersWrite)
        {
            world.Settle(Moment);
            world.Patch(world.Storage!, JsonMap.Of(("metadata", JsonMap.Of(("labels", JsonMap.Of(("team", "storage")))))));
        }

        world.Settle(TimeSpan.FromMinutes(4));

        Assert.Single(world.Storage!.Report.Volumes);
        Assert.Equal("False", Condition(world, "Responsive"));
    }

    [Fact]
    public void Quiet_NothingChanges_OnlyHeartbeatsAreWritten()
    {
        var world = Provisioned("Delete");
        world.Settle(TimeSpan.FromMinutes(10));
        var writes = 0;
        world.Server.Committed += change => writes += change is { Type: ChangeType.Deleted, Object.Type.Kind: "Event" } ? 0 : 1;
        world.Settle(TimeSpan.FromHours(1));
        Assert.InRange(writes, 6, 13);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Storage_ThatIsDeletedWhileSomethingIsInItsGroup_WaitsUntilItIsEmpty(bool ofUs)
    {
        var world = Provisioned("Delete");
        world.Lvm.AddForeignVolume(TestWorld.Group, "somebodys", 10);
        world.Delete(world.Server.Find(ResourceTypes.StorageClasses, ObjectKey.ClusterScoped(TestWorld.ClassName))!);
        world.Delete(world.Storage!);
        if (ofUs)
        {
            world.Lvm.RemoveVolume(TestWorld.Group, "somebodys");
        }
        else
        {
            world.Delete(world.Claim("data")!);
        }

        world.Settle(TimeSpan.FromHours(1));
        Assert.Equal(StoragePhase.Terminating, NodeLocalStorageStatus.Read(world.Storage!.Status).Phase);
        Assert.Single(world.Lvm.Volumes);
        if (ofUs)
        {
            world.Delete(world.Claim("data")!);
        }
        else
        {
            world.Lvm.RemoveVolume(TestWorld.Group, "somebodys");
        }

        world.Settle(TimeSpan.FromMinutes(5));
        Assert.Null(world.Storage);
        Assert.Empty(world.Lvm.Scan().VolumeGroups);
    }

    [Fact]
    public void Storage_ThatIsDeletedWithItsClass_TakesItsEmptyGroupDown()
    {
        var world = new TestWorld();
        world.AddClass();
        world.Settle(Moment);
        world.Delete(world.Server.Find(ResourceTypes.StorageClasses, ObjectKey.ClusterScoped(TestWorld.ClassName))!);
        world.Delete(world.Storage!);
        world.Settle(TimeSpan.FromMinutes(2));

        Assert.Null(world.Storage);
        Assert.Contains("unmake " + TestWorld.Group, world.Lvm.Log);
    }

    // A large volume takes hours: what is free beside it has to be seen meanwhile, and seeing it all the time would be a hot loop.
    [Fact]
    public void Removal_InManyParts_IsScannedOnceAfterEach()
    {
        var world = Provisioned("Delete");
        world.Lvm.WipeParts = 20;
        world.History.Clear();
        world.Delete(world.Claim("data")!);
        world.Settle(TimeSpan.FromMinutes(5));

        var requests = world.History.OfType<Effect.CallStorage>().Select(call => call.Request.GetType().Name[0]).ToArray();
        Assert.Contains("RSRSRSRSRSRSRSRSRSRSRSRSRSRSRSRSRSRSRSRSR", new string(requests), StringComparison.Ordinal);
        Assert.Empty(world.Volumes);
    }

    private static TestWorld Provisioned(string reclaimPolicy)
    {
        var world = new TestWorld();
        world.AddClass(reclaimPolicy);
        world.Settle(Moment);
        world.AddClaim("data", "1Gi");
        world.Settle(Moment);
        Assert.Equal("Bound", world.Claim("data")!.Phase);
        return world;
    }

    private static string Condition(TestWorld world, string type) =>
        NodeLocalStorageStatus.Read(world.Storage!.Status).Conditions.Single(each => each.Type == type).Status;

    private static void Grow(TestWorld world, string size) => world.Patch(world.Claim("data")!, JsonMap.Of(
        ("spec", JsonMap.Of(("resources", JsonMap.Of(("requests", JsonMap.Of(("storage", size)))))))));
}
