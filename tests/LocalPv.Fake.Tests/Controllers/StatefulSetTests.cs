using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Fake.Api.Store;
using LocalPv.Fake.Controllers.Machinery;

namespace LocalPv.Fake.Tests.Controllers;

/// <summary>StatefulSets in a whole cluster.</summary>
public sealed class StatefulSetTests
{
    [Fact]
    public void StatefulSet_Created_StartsPodsInOrderEachWithAClaimOfItsOwn()
    {
        var world = new ClusterWorld(["n1", "n2"]);
        world.Create(WorkloadTypes.StatefulSets, Set(3));
        AwaitRunning(world, 3);

        Assert.Equal(["data-db-0", "data-db-1", "data-db-2"], world.Claims.Select(claim => claim.Name));
        foreach (var pod in world.Pods)
        {
            var volume = world.Volume(world.Claim("data-" + pod.Name)!.VolumeName)!;
            Assert.Equal(pod.NodeName, volume.HostName);
            Assert.True(world.Devices.IsMounted(volume.LocalPath!));
        }

        // Each Pod was made only after the one before it was ready.
        for (var ordinal = 1; ordinal < 3; ordinal++)
        {
            var readyBefore = world.History.First(change =>
                change.Object is Pod pod && pod.Name == "db-" + (ordinal - 1) && pod.IsRunningAndReady());
            var made = world.History.First(change => change.Object is Pod pod && pod.Name == "db-" + ordinal);
            Assert.True(readyBefore.Revision < made.Revision);
        }

        world.Run(1);
        var status = world.Server.Find(WorkloadTypes.StatefulSets, new ObjectKey("default", "db"))!.Tree.Map("status")!;
        Assert.Equal((3L, 3L), (status.Number("replicas"), status.Number("readyReplicas")));
    }

    [Fact]
    public void ParallelStatefulSet_Created_StartsAllPodsAtOnce()
    {
        var world = new ClusterWorld(["n1"]);
        world.Create(WorkloadTypes.StatefulSets, Set(3).WithAt(["spec", "podManagementPolicy"], "Parallel"));
        AwaitRunning(world, 3);

        var lastMade = world.History.Last(change => change is { Type: ChangeType.Added, Object: Pod });
        var firstReady = world.History.First(change => change.Object is Pod pod && pod.IsRunningAndReady());
        Assert.True(lastMade.Revision < firstReady.Revision);
    }

    [Fact]
    public void StatefulSet_PodDeleted_ComesBackOnTheSameVolume()
    {
        var world = new ClusterWorld(["n1", "n2", "n3"]);
        world.Create(WorkloadTypes.StatefulSets, Set(2));
        AwaitRunning(world, 2);
        var before = world.Pod("db-1")!;
        var volume = world.Claim("data-db-1")!.VolumeName;

        world.Delete(ResourceTypes.Pods, "db-1");
        world.Await(() => world.Pod("db-1") is { } pod && pod.Uid != before.Uid && pod.IsRunningAndReady(), "a new db-1");

        Assert.Equal(before.NodeName, world.Pod("db-1")!.NodeName);
        Assert.Equal(volume, world.Claim("data-db-1")!.VolumeName);
        Assert.Equal(2, world.Volumes.Count());
    }

    [Theory]
    [InlineData("Retain", 3)]
    [InlineData("Delete", 1)]
    public void StatefulSet_ScaledDown_TreatsClaimsAsThePolicySays(string whenScaled, int claimsLeft)
    {
        var world = new ClusterWorld(["n1"]);
        world.Create(WorkloadTypes.StatefulSets, Set(3).WithAt(["spec", "persistentVolumeClaimRetentionPolicy", "whenScaled"], whenScaled));
        AwaitRunning(world, 3);

        world.Patch(WorkloadTypes.StatefulSets, "db", JsonMap.Of(("spec", JsonMap.Of(("replicas", 1)))));
        world.Await(
            () => (world.Pods.Count(), world.Claims.Count(), world.Volumes.Count()) == (1, claimsLeft, claimsLeft), "the scale-down");

        var gone = world.History.Where(change => change is { Type: ChangeType.Deleted, Object: Pod }).Select(change => change.Object.Name);
        Assert.Equal(["db-2", "db-1"], gone);
    }

    [Theory]
    [InlineData("Retain", 2)]
    [InlineData("Delete", 0)]
    public void StatefulSet_Deleted_TreatsClaimsAsThePolicySays(string whenDeleted, int claimsLeft)
    {
        var world = new ClusterWorld(["n1"]);
        world.Create(
            WorkloadTypes.StatefulSets, Set(2).WithAt(["spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted"], whenDeleted));
        AwaitRunning(world, 2);

        world.Delete(WorkloadTypes.StatefulSets, "db");
        world.Await(
            () => (world.Pods.Count(), world.Claims.Count(), world.Volumes.Count()) == (0, claimsLeft, claimsLeft), "the end of the set");
        world.Run(60);

        Assert.Equal((0, claimsLeft, claimsLeft), (world.Pods.Count(), world.Claims.Count(), world.Volumes.Count()));
        Assert.Equal(claimsLeft, world.Devices.Existing.Count);
    }

    [Fact]
    public void StatefulSet_TemplateChanged_ReplacesPodsFromTheLastDownToThePartition()
    {
        var world = new ClusterWorld(["n1"]);
        world.Create(WorkloadTypes.StatefulSets, Set(3).WithAt(["spec", "updateStrategy"], JsonMap.Of(
            ("type", "RollingUpdate"), ("rollingUpdate", JsonMap.Of(("partition", 1))))));
        AwaitRunning(world, 3);
        var first = world.Pod("db-0")!.Uid;

        world.Patch(WorkloadTypes.StatefulSets, "db", JsonMap.Empty.WithAt(["spec", "template", "metadata", "labels", "new"], "yes"));
        world.Await(
            () => world.Pods.Count() == 3 && world.Pods.Count(pod => pod.Label("new") == "yes" && pod.IsRunningAndReady()) == 2,
            "the update");
        world.Run(30);

        Assert.Equal(first, world.Pod("db-0")!.Uid);
        var gone = world.History.Where(change => change is { Type: ChangeType.Deleted, Object: Pod }).Select(change => change.Object.Name);
        Assert.Equal(["db-2", "db-1"], gone);
    }

    internal static void AwaitRunning(ClusterWorld world, int count) =>
        world.Await(() => world.Pods.Count(pod => pod.IsRunningAndReady()) == count, $"{count} running Pods");

    internal static JsonMap Set(int replicas, string name = "db") => JsonMap.Of(
        ("metadata", JsonMap.Of(("name", name))),
        ("spec", JsonMap.Of(
            ("replicas", replicas),
            ("serviceName", name),
            ("selector", JsonMap.Of(("matchLabels", JsonMap.Of(("app", name))))),
            ("template", JsonMap.Of(
                ("metadata", JsonMap.Of(("labels", JsonMap.Of(("app", name))))),
                ("spec", TestObjects.PodSpec()))),
            ("volumeClaimTemplates", JsonList.Of(JsonMap.Of(
                ("metadata", JsonMap.Of(("name", "data"))),
                ("spec", TestObjects.ClaimSpec("local", "1Gi"))))))));
}
