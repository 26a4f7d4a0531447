using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;
using LocalPv.Core.Tests.World;
using LocalPv.Core.Units;

namespace LocalPv.Core.Tests.Agents;

/// <summary>What others do to our volumes and groups is told, on the object it happened to, and neither mended nor removed.</summary>
public sealed class ForeignChangeTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(90);

    [Fact]
    public void LogicalVolume_RemovedBySomebody_IsToldOfAndNotMadeAgain()
    {
        var (world, volume) = Bound();
        world.Lvm.RemoveVolume(TestWorld.Group, volume.Name);

        world.Settle(TimeSpan.FromHours(1));

        AssertToldOf(world, "LogicalVolumeMissing", ResourceTypes.PersistentVolumeClaims.Kind);
        Assert.Empty(world.Lvm.Volumes);
        Assert.Equal(volume.Uid, Assert.Single(world.Volumes).Uid);
        Assert.False(Assert.Single(world.Volumes).IsBeingDeleted);
    }

    [Fact]
    public void LogicalVolume_RenamedBySomebody_IsToldOfAndLeftAlone()
    {
        var (world, volume) = Bound();
        var (_, found) = Assert.Single(world.Lvm.Volumes);
        world.Lvm.RemoveVolume(TestWorld.Group, volume.Name);
        world.Lvm.AddForeignVolume(TestWorld.Group, "renamed", 256, [.. found.Tags.Select(tag => tag.Value)]);

        world.Settle(TimeSpan.FromHours(1));

        AssertToldOf(world, "LogicalVolumeMissing", ResourceTypes.PersistentVolumeClaims.Kind);
        Assert.Equal("renamed", Assert.Single(world.Lvm.Volumes).Volume.Name.Value);
        Assert.False(Assert.Single(world.Volumes).IsBeingDeleted);
    }

    [Fact]
    public void VolumeGroup_RemovedBySomebody_IsToldOfByItsConditionAndNotMadeAgain()
    {
        var (world, _) = Bound();
        world.Lvm.RemoveGroup(TestWorld.Group);

        world.Settle(Moment);

        var condition = Condition(world, "VolumeGroupReady");
        Assert.Equal(("False", world.Storage!.Generation), (condition.Status, condition.ObservedGeneration));
        Assert.Contains(TestWorld.Group, condition.Message, StringComparison.Ordinal);
        Assert.Empty(world.Lvm.Scan().VolumeGroups);
        Assert.Single(world.Volumes);
    }

    [Fact]
    public void Disk_FromAnotherNode_KeepsWhatIsOnItAndDoesNotHoldUpTheObject()
    {
        const string Uid = "00000000-0000-0000-0000-000000000001";
        var world = new TestWorld();
        var disk = new DiskToUse(DevicePath.Parse("/dev/sdb"), DiskId.Parse("serial-sdb"), Bytes.FromGibibytes(10), false);
        world.Lvm.Run(new NodeStorageRequest.CreateVolumeGroup(
            VolumeGroupName.Parse(TestWorld.Group),
            ExtentSize.Default,
            [disk],
            [LvmTag.Parse(WellKnown.OurTag), LvmTag.Parse(WellKnown.NodeTagPrefix + "node-z")]));
        world.Lvm.AddForeignVolume(
            TestWorld.Group,
            "pvc-" + Uid,
            10,
            WellKnown.OurTag,
            WellKnown.ClaimTagPrefix + Uid,
            WellKnown.ClaimKeyTagPrefix + "default/gone");
        world.AddClass();

        world.Settle(TimeSpan.FromMinutes(10));

        Assert.Contains("was made on another node", Condition(world, "VolumeGroupReady").Message, StringComparison.Ordinal);
        Assert.Single(world.Lvm.Volumes);

        world.Delete(world.Server.Find(ResourceTypes.StorageClasses, ObjectKey.ClusterScoped(TestWorld.ClassName))!);
        world.Delete(world.Storage!);
        world.Settle(TimeSpan.FromMinutes(10));

        Assert.Null(world.Storage);
        Assert.Single(world.Lvm.Volumes);
    }

    [Fact]
    public void VolumeGroup_ExtendedBySomebody_IsReportedAndUsed()
    {
        var (world, _) = Bound();
        var before = world.Storage!.Report;
        world.Lvm.AddDisk("/dev/sdc", Bytes.FromGibibytes(10));
        world.Lvm.ExtendGroup(TestWorld.Group, "/dev/sdc");

        world.Settle(Moment);

        var after = world.Storage!.Report;
        Assert.Equal(StoragePhase.Ready, after.Phase);
        Assert.True(after.Capacity.Value > before.Capacity.Value * 19 / 10, $"{before.Capacity} became {after.Capacity}");
        Assert.Contains(after.Disks, disk => disk.Path.Value == "/dev/sdc" && disk.State == DiskState.InGroup);
        world.AddClaim("large", "12Gi");
        world.Settle(Moment);
        Assert.Equal("Bound", world.Claim("large")!.Phase);
    }

    [Fact]
    public void VolumeGroup_InWhichSomebodyTakesSpace_IsReportedAndLeftAsItIs()
    {
        var (world, _) = Bound();
        var before = world.Storage!.Report;
        world.Lvm.AddForeignVolume(TestWorld.Group, "somebodys", 512);

        world.Settle(Moment);

        var after = world.Storage!.Report;
        Assert.Equal((before.Capacity, Bytes.FromGibibytes(2)), (after.Capacity, before.Free - after.Free));
        Assert.Equal(1, Assert.Single(world.Agent.GroupFigures()).Foreign);
        Assert.Contains(world.Lvm.Volumes, found => found.Volume.Name.Value == "somebodys");
    }

    [Fact]
    public void Condition_TimeOfItsTransition_MovesOnlyWithItsStatus()
    {
        var (world, volume) = Bound();
        var before = Condition(world, "NoOrphans");
        world.Settle(TimeSpan.FromMinutes(20));
        Assert.Equal(before.LastTransitionTime, Condition(world, "NoOrphans").LastTransitionTime);

        var at = world.Now;
        const string Uid = "00000000-0000-0000-0000-000000000001";
        world.Lvm.AddForeignVolume(
            TestWorld.Group,
            "pvc-" + Uid,
            10,
            WellKnown.OurTag,
            WellKnown.ClaimTagPrefix + Uid,
            WellKnown.ClaimKeyTagPrefix + "default/gone");
        world.Settle(Moment);

        var now = Condition(world, "NoOrphans");
        Assert.Equal(("False", true), (now.Status, now.LastTransitionTime >= at));
        Assert.Contains("pvc-" + Uid, now.Message, StringComparison.Ordinal);
        Assert.Equal("True", Condition(world, "VolumeGroupReady").Status);
        Assert.True(Condition(world, "VolumeGroupReady").LastTransitionTime < at);
        Assert.Equal(volume.Uid, Assert.Single(world.Volumes).Uid);
    }

    private static (TestWorld World, PersistentVolume Volume) Bound()
    {
        var world = new TestWorld();
        world.AddClass();
        world.Settle(Moment);
        world.AddClaim("data", "1Gi");
        world.Settle(Moment);
        return (world, Assert.Single(world.Volumes));
    }

    private static StorageCondition Condition(TestWorld world, string type) =>
        Assert.Single(world.Storage!.Report.Conditions, condition => condition.Type == type);

    private static void AssertToldOf(TestWorld world, string reason, string kind)
    {
        var told = Assert.Single(world.Server.Snapshot(ResourceTypes.Events), item => item.Tree.Text("reason") == reason);
        Assert.Equal((kind, "Warning"), (told.Tree.Map("involvedObject")!.Text("kind"), told.Tree.Text("type")));
        Assert.NotEqual("", told.Tree.Text("message"));

        // Seen anew about twice a minute; written at most every five.
        Assert.InRange(told.Tree.Number("count") ?? 0, 1, 200);
    }
}
