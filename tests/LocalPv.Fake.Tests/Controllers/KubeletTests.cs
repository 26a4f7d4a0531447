using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Fake.Api.Store;
using LocalPv.Fake.Controllers.Machinery;

namespace LocalPv.Fake.Tests.Controllers;

/// <summary>Nodes and the life of Pods on them.</summary>
public sealed class KubeletTests
{
    [Fact]
    public void Kubelet_Started_RegistersItsNodeAndRenewsItsLease()
    {
        var world = new ClusterWorld(["n1"]);
        world.Run(35);

        var node = (Node)world.Server.Find(ResourceTypes.Nodes, ObjectKey.ClusterScoped("n1"))!;
        Assert.Equal("n1", node.HostName);
        var ready = ((JsonList)node.Tree.At("status", "conditions")!).Maps().Single(condition => condition.Text("type") == "Ready");
        Assert.Equal("True", ready.Text("status"));
        Assert.Equal("110", ((JsonText)node.Tree.At("status", "allocatable", "pods")!).Value);
        var renewals = world.History.Where(change => change.Object.Type == ResourceTypes.Leases)
            .Select(change => (change.At - ClusterWorld.Start).TotalSeconds);
        Assert.Equal([0, 10, 20, 30], renewals.Select(Math.Floor));
    }

    [Fact]
    public void Node_Deleted_ComesBackOnlyWithANewKubelet()
    {
        var world = new ClusterWorld(["n1"]);
        world.Run(5);
        world.Delete(ResourceTypes.Nodes, "n1");
        world.Run(60);
        Assert.Null(world.Server.Find(ResourceTypes.Nodes, ObjectKey.ClusterScoped("n1")));

        world.Restart("kubelet/n1");
        world.Run(5);
        Assert.NotNull(world.Server.Find(ResourceTypes.Nodes, ObjectKey.ClusterScoped("n1")));
    }

    [Fact]
    public void Pod_DeviceMissing_WaitsUntilItIsThere()
    {
        var world = new ClusterWorld(["n1"]) { Provisions = false };
        world.Create(ResourceTypes.PersistentVolumeClaims, TestObjects.Claim("c", "local", "1Gi"));
        world.Create(ResourceTypes.Pods, TestObjects.Pod("p", "c"));
        world.Await(() => world.Claim("c")!.SelectedNode is not null, "a selected node");
        var claim = world.Claim("c")!;
        world.Create(
            ResourceTypes.PersistentVolumes,
            TestObjects.Volume("v", "local", "1Gi", "n1", claim.Key, claim.Uid, ClusterWorld.Provisioner));
        world.Run(30);
        Assert.Equal(("Pending", "n1"), (world.Pod("p")!.Phase, world.Pod("p")!.NodeName));
        Assert.Contains("FailedMount", world.EventsAbout("p"));

        world.Devices.Existing.Add("/dev/fast/v");
        world.Run(5);
        Assert.True(world.Pod("p")!.IsRunningAndReady());
        Assert.True(world.Devices.IsMounted("/dev/fast/v"));
    }

    [Fact]
    public void Pod_NamingItsNodeItself_WaitsForeverForAClaimThatWaitsForTheScheduler()
    {
        var world = new ClusterWorld(["n1"]);
        world.Create(ResourceTypes.PersistentVolumeClaims, TestObjects.Claim("c", "local", "1Gi"));
        world.Create(ResourceTypes.Pods, TestObjects.Pod("p", "c", node: "n1"));
        world.Run(300);

        Assert.Equal(("Pending", "Pending"), (world.Pod("p")!.Phase, world.Claim("c")!.Phase));
        Assert.Null(world.Claim("c")!.SelectedNode);
        Assert.Contains("FailedMount", world.EventsAbout("p"));
    }

    [Fact]
    public void Pod_Deleted_LetsGoOfItsDeviceBeforeItsObjectGoes()
    {
        var world = World();
        var path = "/dev/fast/" + world.Claim("c")!.VolumeName;
        var mountedAtTheEnd = (bool?)null;
        world.Server.Committed += change => mountedAtTheEnd =
            change is { Type: ChangeType.Deleted, Object: Pod } ? world.Devices.IsMounted(path) : mountedAtTheEnd;

        world.Delete(ResourceTypes.Pods, "p");
        Assert.True(world.Pod("p")!.IsBeingDeleted);
        Assert.True(world.Devices.IsMounted(path));
        world.Await(() => world.Pod("p") is null, "the end of the Pod");

        Assert.False(mountedAtTheEnd);
        Assert.Equal("Bound", world.Claim("c")!.Phase);
    }

    [Fact]
    public void Claim_DeletedWhileItsPodRuns_GoesWithThePodAndTakesTheVolumeAlong()
    {
        var world = World();
        world.Delete(ResourceTypes.PersistentVolumeClaims, "c");
        world.Run(60);
        Assert.Equal((true, "Running"), (world.Claim("c")!.IsBeingDeleted, world.Pod("p")!.Phase));

        world.Delete(ResourceTypes.Pods, "p");
        world.Await(() => world.Claim("c") is null && !world.Volumes.Any(), "the end of claim and volume");
        Assert.Empty(world.Devices.Existing);
    }

    [Fact]
    public void Volume_Grown_ClaimSaysSoAfterTheFileSystemGrew()
    {
        var world = World();
        var volume = world.Claim("c")!.VolumeName;
        world.Patch(ResourceTypes.PersistentVolumes, volume, JsonMap.Empty.WithAt(["spec", "capacity", "storage"], "3Gi"));
        Assert.Equal("1Gi", CapacityOf(world.Claim("c")!));

        world.Run(65);

        Assert.Equal("3Gi", CapacityOf(world.Claim("c")!));
        Assert.Equal(["/dev/fast/" + volume], world.Devices.Grown);
    }

    [Fact]
    public void Kubelet_Restarted_LeavesItsPodsRunning()
    {
        var world = World();
        var uid = world.Pod("p")!.Uid;
        world.Restart("kubelet/n1");
        world.Run(120);

        Assert.Equal((uid, "Running"), (world.Pod("p")!.Uid, world.Pod("p")!.Phase));
        world.Delete(ResourceTypes.Pods, "p");
        world.Await(() => world.Pod("p") is null, "the end of the Pod");
        Assert.False(world.Devices.IsMounted("/dev/fast/" + world.Claim("c")!.VolumeName));
    }

    private static string? CapacityOf(PersistentVolumeClaim claim) => (claim.Tree.At("status", "capacity", "storage") as JsonText)?.Value;

    private static ClusterWorld World()
    {
        var world = new ClusterWorld(["n1"]);
        world.Create(ResourceTypes.PersistentVolumeClaims, TestObjects.Claim("c", "local", "1Gi"));
        world.Create(ResourceTypes.Pods, TestObjects.Pod("p", "c"));
        StatefulSetTests.AwaitRunning(world, 1);
        return world;
    }
}
