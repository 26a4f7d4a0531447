using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;
using LocalPv.Core.Tests.World;

namespace LocalPv.Core.Tests.Agents;

/// <summary>Groups that come, go, and want the same disk.</summary>
public sealed class SharedDiskTests
{
    [Fact]
    public void Disk_ThatTwoClassesMean_IsGivenToOneAndSeenBeforeTheOtherAsks()
    {
        var world = new TestWorld();
        foreach (var name in (string[])["one", "two"])
        {
            world.Seed(ResourceTypes.StorageClasses, TestObjects.Class(
                name, """{"nodes":[{"name":"node-a","disks":["/dev/sdb"]}]}"""));
        }

        world.Settle(TimeSpan.FromMinutes(10));

        Assert.Equal(["make localpv-one"], world.Lvm.Log);
        Assert.Single(world.History, effect => effect is Effect.CallStorage { Request: NodeStorageRequest.CreateVolumeGroup });
    }

    [Fact]
    public void Disks_OfTwoClasses_AreTakenAtTheSameTime()
    {
        var world = new TestWorld();
        world.Lvm.AddDisk("/dev/sdc", Units.Bytes.FromGibibytes(10));
        foreach (var (name, disk) in new[] { ("one", "/dev/sdb"), ("two", "/dev/sdc") })
        {
            world.Seed(ResourceTypes.StorageClasses, TestObjects.Class(
                name, $$"""{"nodes":[{"name":"node-a","disks":["{{disk}}"]}]}"""));
        }

        world.Settle(TimeSpan.FromMinutes(1));

        Assert.Equal(["make localpv-one", "make localpv-two"], world.Lvm.Log);
        var asked = world.History.OfType<Effect.CallStorage>().ToList();
        var first = asked.FindIndex(effect => effect.Request is NodeStorageRequest.CreateVolumeGroup);
        Assert.IsType<NodeStorageRequest.CreateVolumeGroup>(asked[first + 1].Request);
    }

    [Fact]
    public void Group_ThatTwoClassesShare_IsMadeByTheOneAndThenExtendedByTheOther()
    {
        var world = new TestWorld();
        world.Lvm.AddDisk("/dev/sdc", Units.Bytes.FromGibibytes(10));
        foreach (var (name, disk) in new[] { ("one", "/dev/sdb"), ("two", "/dev/sdc") })
        {
            world.Seed(ResourceTypes.StorageClasses, TestObjects.Class(
                name, $$$"""{"nodes":[{"name":"node-a","disks":["{{{disk}}}"]}],"volumeGroup":{"name":"shared"}}"""));
        }

        world.Settle(TimeSpan.FromMinutes(10));

        Assert.Equal(["make shared", "extend shared"], world.Lvm.Log);
        Assert.Single(world.History, effect => effect is Effect.CallStorage { Request: NodeStorageRequest.CreateVolumeGroup });
        Assert.DoesNotContain("VolumeGroupFailed", world.EventReasons);
    }

    [Fact]
    public void Group_ThatWasMissingOnce_IsWaitedForAgain()
    {
        var world = new TestWorld();
        world.AddClass();
        world.Settle(TimeSpan.FromMinutes(1));
        var show = world.Lvm.HideGroup(TestWorld.Group);
        world.AddClaim("first", "1Gi");
        world.Settle(TimeSpan.FromSeconds(10));
        world.Delete(world.Claim("first")!);
        world.Settle(TimeSpan.FromSeconds(10));
        show();
        world.Settle(TimeSpan.FromMinutes(20));
        world.Lvm.HideGroup(TestWorld.Group);
        world.Settle(TimeSpan.FromMinutes(20));
        world.AddClaim("second", "1Gi");

        world.Settle(TimeSpan.FromSeconds(10));
        Assert.NotNull(world.Claim("second")!.SelectedNode);
        world.Settle(TimeSpan.FromMinutes(2));
        Assert.Null(world.Claim("second")!.SelectedNode);
    }
}
