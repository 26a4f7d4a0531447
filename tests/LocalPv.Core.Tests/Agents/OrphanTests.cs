using LocalPv.Core.Disks;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Tests.World;

namespace LocalPv.Core.Tests.Agents;

/// <summary>Logical volumes of ours that nobody asks for, and what must not be taken for one.</summary>
public sealed class OrphanTests
{
    private const string Uid = "00000000-0000-0000-0000-000000000001";
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(20);

    [Fact]
    public void Orphan_IsReportedAtOnceAndRemovedOnlyAfterTheGrace()
    {
        var world = Ready();
        AddVolume(world, Uid, WellKnown.FileSystemTag);
        world.Settle(TimeSpan.FromMinutes(1.5));
        Assert.Single(world.Lvm.Volumes);
        Assert.Equal("False", Condition(world, "NoOrphans"));
        Assert.DoesNotContain("RemovingOrphan", world.EventReasons);

        world.Settle(TimeSpan.FromMinutes(5));
        Assert.Empty(world.Lvm.Volumes);
        Assert.Equal("True", Condition(world, "NoOrphans"));
        var told = Assert.Single(world.Server.Snapshot(ResourceTypes.Events), item => item.Tree.Text("reason") == "RemovingOrphan");
        Assert.Equal(("NodeLocalStorage", "Warning"), (told.Tree.Map("involvedObject")!.Text("kind"), told.Tree.Text("type")));
        Assert.Contains($"{TestWorld.Group}/pvc-{Uid} of 40Mi ", told.Tree.Text("message"), StringComparison.Ordinal);
        Assert.Equal((1, 1), (world.Agent.Figures.Removed, world.Agent.Figures.OrphansRemoved));
    }

    [Fact]
    public void Orphan_ThatHoldsData_StaysAndIsTold()
    {
        // As after a control plane that was built anew, or put back from a backup: neither knows of what lived.
        var world = Ready();
        world.Lvm.Used.Add("pvc-" + Uid);
        AddVolume(world, Uid, WellKnown.FileSystemTag);
        world.Settle(TimeSpan.FromHours(3));
        Assert.Single(world.Lvm.Volumes);
        Assert.Equal("False", Condition(world, "NoOrphans"));
        Assert.Contains("OrphanStays", world.EventReasons);
        Assert.Equal((0, 0), (world.Agent.Figures.Removed, world.Agent.Figures.OrphansRemoved));

        world.Lvm.Used.Clear();
        world.Settle(TimeSpan.FromHours(2));
        Assert.Empty(world.Lvm.Volumes);
    }

    [Fact]
    public void ForeignVolumes_AreNeverTouched()
    {
        var world = Ready();
        world.Lvm.AddForeignVolume(TestWorld.Group, "somebodys", 10);
        world.Lvm.AddForeignVolume(TestWorld.Group, "pvc-00000000-0000-0000-0000-000000000002", 10);
        world.Lvm.AddForeignVolume(TestWorld.Group, "tagged", 10, WellKnown.ClaimTagPrefix + "00000000-0000-0000-0000-000000000003");
        world.Settle(TimeSpan.FromHours(2));
        Assert.Equal(3, world.Lvm.Volumes.Count());
    }

    [Fact]
    public void Claim_ThatIsDeleted_IsNoOrphan()
    {
        var world = Ready();
        world.AddClaim("data", "1Gi");
        world.Settle(Moment);
        world.Delete(world.Claim("data")!);
        world.Settle(TimeSpan.FromMinutes(10));
        Assert.Empty(world.Lvm.Volumes);
        Assert.DoesNotContain("RemovingOrphan", world.EventReasons);
        Assert.Equal((1, 0), (world.Agent.Figures.Removed, world.Agent.Figures.OrphansRemoved));
    }

    [Fact]
    public void Orphan_OfARawDevice_StaysForAPerson()
    {
        var world = Ready();
        AddVolume(world, Uid);
        world.Settle(TimeSpan.FromHours(3));
        Assert.Single(world.Lvm.Volumes);
        Assert.Equal("False", Condition(world, "NoOrphans"));
    }

    [Fact]
    public void Orphan_WhoseClaimIsBoundOnAnotherNode_GoesWhileTheClaimLives()
    {
        var world = Ready();
        var claim = world.AddClaim("data", "1Gi", "node-z");
        var name = "pvc-" + claim.Uid;
        AddVolume(world, claim.Uid, WellKnown.FileSystemTag);
        world.Settle(TimeSpan.FromMinutes(10));
        Assert.Single(world.Lvm.Volumes);

        world.Seed(ResourceTypes.PersistentVolumes, (JsonMap)JsonTree.Parse(
            $$$"""
            {"apiVersion":"v1","kind":"PersistentVolume","metadata":{"name":"{{{name}}}",
              "annotations":{"pv.kubernetes.io/provisioned-by":"local-volume-provisioner"}},
             "spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"storageClassName":"{{{TestWorld.ClassName}}}",
              "persistentVolumeReclaimPolicy":"Delete",
              "claimRef":{"namespace":"default","name":"data","uid":"{{{claim.Uid}}}"},
              "local":{"path":"/dev/{{{TestWorld.Group}}}/{{{name}}}"},
              "nodeAffinity":{"required":{"nodeSelectorTerms":[{"matchExpressions":[
               {"key":"kubernetes.io/hostname","operator":"In","values":["node-z"]}]}]}}
             }}
            """));
        world.Settle(TimeSpan.FromMinutes(10));
        Assert.Equal("Bound", world.Claim("data")!.Phase);
        Assert.Empty(world.Lvm.Volumes);
    }

    private static TestWorld Ready()
    {
        var world = new TestWorld();
        world.AddClass();
        world.Settle(Moment);
        return world;
    }

    // As an agent makes it for a claim of that uid.
    private static void AddVolume(TestWorld world, string uid, params string[] more) => world.Lvm.AddForeignVolume(
        TestWorld.Group,
        "pvc-" + uid,
        10,
        [WellKnown.OurTag, WellKnown.ClaimTagPrefix + uid, WellKnown.ClaimKeyTagPrefix + "default/data", .. more]);

    private static string Condition(TestWorld world, string type) =>
        NodeLocalStorageStatus.Read(world.Storage!.Status).Conditions.Single(each => each.Type == type).Status;
}
