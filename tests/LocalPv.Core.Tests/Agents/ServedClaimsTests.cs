using LocalPv.Core.Disks;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Tests.World;
using LocalPv.Core.Units;

namespace LocalPv.Core.Tests.Agents;

/// <summary>Claims that come in unusual ways, or at unusual times.</summary>
public sealed class ServedClaimsTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(20);

    [Fact]
    public void Class_MadeAgainWhileAVolumeOfTheOldOneLives_ServesNewClaimsFromTheSameGroup()
    {
        var world = Provisioned();
        var group = Assert.Single(world.Lvm.Scan().VolumeGroups).Uuid;
        DeleteClass(world);
        world.Settle(TimeSpan.FromMinutes(1));
        Assert.True(world.Storage!.IsBeingDeleted);

        world.AddClass();
        world.AddClaim("late", "1Gi");
        world.Settle(TimeSpan.FromMinutes(1));
        Assert.Equal("Bound", world.Claim("late")!.Phase);
        Assert.False(world.Storage!.IsBeingDeleted);
        Assert.Equal(group, Assert.Single(world.Lvm.Scan().VolumeGroups).Uuid);
        Assert.Equal(2, world.Lvm.Volumes.Count());

        world.Delete(world.Claim("data")!);
        world.Settle(Moment);
        Assert.Single(world.Lvm.Volumes);
    }

    [Fact]
    public void Class_MadeAgainOverAnotherGroup_WaitsForTheVolumesOfTheOldOne()
    {
        var world = Provisioned();
        DeleteClass(world);
        world.Seed(ResourceTypes.StorageClasses, TestObjects.Class(
            TestWorld.ClassName,
            $$$"""{"nodes":[{"name":"{{{world.Node}}}","disks":["/dev/sdb"]}],"volumeGroup":{"name":"another"}}"""));
        world.Settle(TimeSpan.FromMinutes(3));
        Assert.True(world.Storage!.IsBeingDeleted);
        Assert.Single(world.Lvm.Volumes);

        world.Delete(world.Claim("data")!);
        world.Settle(TimeSpan.FromMinutes(3));
        Assert.Equal("another", NodeLocalStorageStatus.Read(world.Storage!.Status).VolumeGroup!.Name.Value);
    }

    [Fact]
    public void Machine_ReplacedByAnotherOfTheSameName_GetsAGroupOfItsOwn()
    {
        var world = new TestWorld();
        SetMachine(world, "machine-1");
        world.AddClass();
        world.Settle(Moment);
        Assert.Equal("machine-1", NodeLocalStorageStatus.Read(world.Storage!.Status).Machine);

        world.Lvm.RemoveGroup(TestWorld.Group);
        world.Lvm.AddDisk("/dev/sdb", Bytes.FromGibibytes(10));
        SetMachine(world, "machine-2");
        world.Crash();
        world.AddClaim("data", "1Gi");
        world.Settle(TimeSpan.FromMinutes(1));
        Assert.Equal("Bound", world.Claim("data")!.Phase);
        Assert.Equal("machine-2", NodeLocalStorageStatus.Read(world.Storage!.Status).Machine);
    }

    [Fact]
    public void Machine_ThatIsTheSame_DoesNotGetASecondGroupWhenItsGroupIsMissing()
    {
        var world = new TestWorld();
        SetMachine(world, "machine-1");
        world.AddClass();
        world.Settle(Moment);
        world.Lvm.RemoveGroup(TestWorld.Group);
        world.Lvm.AddDisk("/dev/sdb", Bytes.FromGibibytes(10));
        world.Crash();
        world.Settle(TimeSpan.FromMinutes(5));
        Assert.Empty(world.Lvm.Scan().VolumeGroups);
        Assert.Equal(StoragePhase.Failed, NodeLocalStorageStatus.Read(world.Storage!.Status).Phase);
    }

    [Fact]
    public void Machine_ThatTookItsDisksAlong_KeepsItsGroupAndItsVolumes()
    {
        var world = new TestWorld();
        SetMachine(world, "machine-1");
        world.AddClass();
        world.Settle(Moment);
        world.AddClaim("data", "1Gi");
        world.Settle(Moment);
        SetMachine(world, "machine-2");
        world.Crash();
        world.Settle(TimeSpan.FromMinutes(1));
        Assert.Equal(StoragePhase.Ready, NodeLocalStorageStatus.Read(world.Storage!.Status).Phase);
        Assert.Single(world.Lvm.Volumes);
    }

    [Theory]
    [InlineData(null, "Filesystem", "ext4")]
    [InlineData("xfs", "Filesystem", "xfs")]
    [InlineData("xfs", "Block", null)]
    public void Volume_SaysItsFileSystem(string? ofClass, string mode, string? expected)
    {
        var world = new TestWorld();
        var made = TestObjects.Class(TestWorld.ClassName, $$"""{"nodes":[{"name":"{{world.Node}}","disks":["/dev/sdb"]}]}""");
        world.Seed(ResourceTypes.StorageClasses, ofClass is null ? made
            : made.WithAt(["parameters", WellKnown.FileSystemParameter], ofClass));
        world.Seed(ResourceTypes.PersistentVolumeClaims, TestObjects.Claim("data", "1Gi", world.Node.Value, TestWorld.ClassName)
            .WithAt(["spec", "volumeMode"], mode));
        world.Settle(Moment);
        var volume = Assert.Single(world.Volumes);
        Assert.Equal(expected, (volume.Tree.At("spec", "local", "fsType") as JsonText)?.Value);
        Assert.Equal(mode, (volume.Tree.At("spec", "volumeMode") as JsonText)?.Value);
    }

    [Fact]
    public void Class_WithAFileSystemThatCannotBeMade_IsRefusedAndNamed()
    {
        var made = TestObjects.Class("fast", """{"nodes":[{"name":"node-a","disks":["/dev/sdb"]}]}""")
            .WithAt(["parameters", WellKnown.FileSystemParameter], "zfs");
        Assert.False(StorageParameters.TryRead(new StorageClass(made), out _, out var errors));
        Assert.Contains("zfs", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Growth_WithoutRoom_IsToldOnceAndEndsWhenThereIsRoom()
    {
        var world = Provisioned();
        SetCapacity(world, "1Gi");
        world.Lvm.AddForeignVolume(TestWorld.Group, "somebodys", 2000);
        Grow(world, "8Gi");
        world.Settle(TimeSpan.FromMinutes(2));
        var told = Condition(world);
        Assert.Equal("ControllerResizeError", told!.Text("type"));
        Assert.Equal("NoSpace", told.Text("reason"));
        var version = world.Claim("data")!.ResourceVersion;

        world.Settle(TimeSpan.FromHours(1));
        Assert.Equal(version, world.Claim("data")!.ResourceVersion);

        Grow(world, "9Gi");
        world.Settle(TimeSpan.FromMinutes(2));
        Assert.NotEqual(told.Text("message"), Condition(world)!.Text("message"));
        Assert.Equal(told.Text("lastTransitionTime"), Condition(world)!.Text("lastTransitionTime"));

        world.Lvm.RemoveVolume(TestWorld.Group, "somebodys");
        world.Settle(TimeSpan.FromMinutes(3));
        Assert.Equal("9Gi", Assert.Single(world.Volumes).Capacity);
        Assert.Equal("FileSystemResizePending", Condition(world)!.Text("type"));
    }

    [Fact]
    public void Growth_OfABlockVolume_TellsTheClaimItsNewSize()
    {
        var world = new TestWorld();
        world.AddClass();
        world.Seed(ResourceTypes.PersistentVolumeClaims, TestObjects.Claim("data", "1Gi", world.Node.Value, TestWorld.ClassName)
            .WithAt(["spec", "volumeMode"], "Block"));
        world.Settle(Moment);
        SetCapacity(world, "1Gi");
        Grow(world, "2Gi");
        world.Settle(Moment);
        Assert.Equal("2Gi", (world.Claim("data")!.Tree.At("status", "capacity", "storage") as JsonText)?.Value);
        Assert.Null(Condition(world));
    }

    private static TestWorld Provisioned()
    {
        var world = new TestWorld();
        world.AddClass();
        world.Settle(Moment);
        world.AddClaim("data", "1Gi");
        world.Settle(Moment);
        Assert.Equal("Bound", world.Claim("data")!.Phase);
        return world;
    }

    // What the garbage collector does when the owner is gone.
    private static void DeleteClass(TestWorld world)
    {
        world.Delete(world.Server.Find(ResourceTypes.StorageClasses, ObjectKey.ClusterScoped(TestWorld.ClassName))!);
        world.Delete(world.Storage!);
    }

    private static void SetMachine(TestWorld world, string machine) => world.Patch(
        world.Server.Find(ResourceTypes.Nodes, ObjectKey.ClusterScoped(world.Node.Value))!,
        JsonMap.Empty.WithAt(["status", "nodeInfo", "systemUUID"], machine),
        "status");

    private static void SetCapacity(TestWorld world, string size) =>
        world.Patch(world.Claim("data")!, JsonMap.Empty.WithAt(["status", "capacity", "storage"], size), "status");

    private static void Grow(TestWorld world, string size) =>
        world.Patch(world.Claim("data")!, JsonMap.Empty.WithAt(["spec", "resources", "requests", "storage"], size));

    private static JsonMap? Condition(TestWorld world) =>
        (world.Claim("data")!.Tree.At("status", "conditions") as JsonList)?.Maps().SingleOrDefault();
}
