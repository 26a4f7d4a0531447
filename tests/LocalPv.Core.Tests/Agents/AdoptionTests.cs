using LocalPv.Core.Disks;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Tests.World;

namespace LocalPv.Core.Tests.Agents;

/// <summary>Volume groups that somebody else made: used where the class names them and asks for it, and never taken down.</summary>
public sealed class AdoptionTests
{
    private const string Theirs = "theirs";
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(90);

    [Fact]
    public void Group_OfSomebodyElse_IsUsedWhereTheClassAsksForIt()
    {
        var world = WorldWith("""{"nodeSelector":{},"volumeGroup":{"name":"theirs","adopt":true}}""");
        Assert.Equal(StoragePhase.Ready, world.Storage!.Report.Phase);
        world.AddClaim("data", "1Gi");
        world.Settle(Moment);
        Assert.Equal("Bound", world.Claim("data")!.Phase);

        // All of LocalPv goes; the group and what is not LocalPv's stay.
        world.Delete(world.Claim("data")!);
        world.Delete(world.Server.Find(ResourceTypes.StorageClasses, ObjectKey.ClusterScoped(TestWorld.ClassName))!);
        world.Delete(world.Storage!);
        world.Settle(TimeSpan.FromMinutes(10));
        Assert.Null(world.Storage);
        var (group, volume) = Assert.Single(world.Lvm.Volumes);
        Assert.Equal((Theirs, "precious"), (group.Name.Value, volume.Name.Value));
    }

    [Fact]
    public void Group_OfSomebodyElse_IsLeftAloneWhereTheClassOnlyNamesIt()
    {
        var world = WorldWith("""{"nodes":[{"name":"node-a","disks":["/dev/sdb"]}],"volumeGroup":{"name":"theirs"}}""");
        var report = world.Storage!.Report;
        Assert.Equal(StoragePhase.Failed, report.Phase);
        Assert.Contains(report.Conditions, condition => condition.Message.Contains("spec.volumeGroup.adopt", StringComparison.Ordinal));
        world.AddClaim("data", "1Gi");
        world.Settle(TimeSpan.FromMinutes(10));
        Assert.Equal("precious", Assert.Single(world.Lvm.Volumes).Volume.Name.Value);
        Assert.Empty(world.Lvm.Log);
    }

    private static TestWorld WorldWith(string document)
    {
        var world = new TestWorld();
        world.Lvm.AddForeignGroup(Theirs, "/dev/sdb");
        world.Lvm.AddForeignVolume(Theirs, "precious", 10);
        world.Seed(ResourceTypes.StorageClasses, TestObjects.Class(TestWorld.ClassName, document));
        world.Settle(Moment);
        return world;
    }
}
