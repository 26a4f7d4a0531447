using LocalPv.Core.Kubernetes;
using LocalPv.Core.Tests.World;
using LocalPv.Core.Units;

namespace LocalPv.Core.Tests.Agents;

/// <summary>Disks that come up while the agent runs, as volumes of other storage do.</summary>
public sealed class NewDisksTests
{
    private const string Late = "/dev/sdc";
    private const string ByRule = """{"nodeSelector":{},"disks":{"match":["/dev/sdc"]}}""";
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(90);

    [Fact]
    public void Disk_ThatComesLater_IsTakenByARuleWhenItHasBeenBlankForSomeMinutes()
    {
        var world = WorldWith(ByRule);
        world.Settle(TimeSpan.FromMinutes(4));
        Assert.Empty(world.Lvm.Log);
        world.Settle(TimeSpan.FromMinutes(3));
        Assert.Equal(["make localpv-fast"], world.Lvm.Log);
    }

    [Fact]
    public void Disk_ThatIsUsedMeanwhile_BeginsAnewWhenItIsBlankAgain()
    {
        var world = WorldWith(ByRule);
        world.Settle(TimeSpan.FromMinutes(3));
        world.Lvm.SetSignature(Late, "ext4");
        world.Settle(TimeSpan.FromMinutes(3));
        world.Lvm.SetSignature(Late, "");
        world.Settle(TimeSpan.FromMinutes(4));
        Assert.Empty(world.Lvm.Log);
        world.Settle(TimeSpan.FromMinutes(3));
        Assert.Equal(["make localpv-fast"], world.Lvm.Log);
    }

    [Fact]
    public void Disk_ThatIsThereWhenTheAgentStarts_IsTakenAtOnce()
    {
        var world = WorldWith(ByRule);
        world.Crash();
        world.Settle(Moment);
        Assert.Equal(["make localpv-fast"], world.Lvm.Log);

        // Nor is it new when its group has gone.
        world.Delete(world.Server.Find(ResourceTypes.StorageClasses, ObjectKey.ClusterScoped(TestWorld.ClassName))!);
        world.Delete(world.Storage!);
        world.Settle(Moment);
        world.Seed(ResourceTypes.StorageClasses, TestObjects.Class(TestWorld.ClassName, ByRule));
        world.Settle(Moment);
        Assert.Equal(["make localpv-fast", "unmake localpv-fast", "make localpv-fast"], world.Lvm.Log);
    }

    [Fact]
    public void Disk_ThatTheClassNames_IsTakenAtOnce()
    {
        var world = WorldWith("""{"nodes":[{"name":"node-a","disks":["/dev/sdc"]}]}""");
        world.Settle(Moment);
        Assert.Equal(["make localpv-fast"], world.Lvm.Log);
    }

    private static TestWorld WorldWith(string document)
    {
        var world = new TestWorld();
        world.Seed(ResourceTypes.StorageClasses, TestObjects.Class(TestWorld.ClassName, document));
        world.Settle(Moment);
        world.Lvm.AddDisk(Late, Bytes.FromGibibytes(10));
        return world;
    }
}
