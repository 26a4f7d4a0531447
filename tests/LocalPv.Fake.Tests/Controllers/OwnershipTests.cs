using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Fake.Api.Store;
using LocalPv.Fake.Controllers.GarbageCollection;
using LocalPv.Fake.Controllers.Machinery;

namespace LocalPv.Fake.Tests.Controllers;

/// <summary>Garbage collection, ephemeral volumes and the end of namespaces.</summary>
public sealed class OwnershipTests
{
    [Fact]
    public void Owned_OwnerDeleted_GoesAfterIt()
    {
        var world = new ClusterWorld([]);
        var owner = ConfigMap(world, "owner");
        ConfigMap(world, "owned", owner);
        world.Run(5);
        Assert.NotNull(Find(world, "owned"));

        world.Delete(WorkloadTypes.ConfigMaps, "owner");
        world.Run(5);
        Assert.Null(Find(world, "owned"));
    }

    [Fact]
    public void Owned_OwnerMadeAnewUnderTheSameName_GoesAllTheSame()
    {
        var world = new ClusterWorld([]);
        var owner = ConfigMap(world, "owner");
        world.Run(1);
        world.Delete(WorkloadTypes.ConfigMaps, "owner");
        ConfigMap(world, "owner");
        ConfigMap(world, "owned", owner);
        world.Run(5);

        Assert.NotNull(Find(world, "owner"));
        Assert.Null(Find(world, "owned"));
    }

    [Fact]
    public void Owned_ByTwo_StaysUntilTheLastOwnerGoes()
    {
        var world = new ClusterWorld([]);
        var (first, second) = (ConfigMap(world, "first"), ConfigMap(world, "second"));
        ConfigMap(world, "owned", first, second);
        world.Run(1);

        world.Delete(WorkloadTypes.ConfigMaps, "first");
        world.Run(5);
        Assert.Equal([second.Uid], OwnersOf(world, "owned"));

        world.Delete(WorkloadTypes.ConfigMaps, "second");
        world.Run(5);
        Assert.Null(Find(world, "owned"));
    }

    [Fact]
    public void Owner_DeletedWithOrphan_LeavesItsOwnBehindWithoutOwner()
    {
        var world = new ClusterWorld([]);
        ConfigMap(world, "owned", ConfigMap(world, "owner"));
        world.Run(1);
        world.Delete(WorkloadTypes.ConfigMaps, "owner", "Orphan");
        world.Run(30);

        Assert.Null(Find(world, "owner"));
        Assert.Empty(OwnersOf(world, "owned"));
    }

    [Fact]
    public void Owner_DeletedInTheForeground_GoesLast()
    {
        var world = new ClusterWorld([]);
        var owner = ConfigMap(world, "owner");
        var middle = ConfigMap(world, "middle", owner);
        ConfigMap(world, "leaf", middle);
        world.Run(1);
        world.Delete(WorkloadTypes.ConfigMaps, "owner", "Foreground");
        world.Run(30);

        Assert.Equal(
            ["leaf", "middle", "owner"],
            world.History.Where(change => change.Type == ChangeType.Deleted && change.Object.Type == WorkloadTypes.ConfigMaps)
                .Select(change => change.Object.Name));
    }

    [Fact]
    public void EphemeralVolume_OfAPod_LivesAsLongAsThePod()
    {
        var world = new ClusterWorld(["n1"]);
        world.Create(ResourceTypes.Pods, PodWithEphemeralVolume());
        StatefulSetTests.AwaitRunning(world, 1);

        var claim = world.Claim("p-scratch")!;
        Assert.Equal(("Bound", world.Pod("p")!.Uid), (claim.Phase, OwnerUids(claim).Single()));

        world.Delete(ResourceTypes.Pods, "p");
        world.Await(() => !world.Claims.Any() && !world.Volumes.Any(), "the end of the ephemeral volume");
        Assert.Empty(world.Devices.Existing);
    }

    [Fact]
    public void EphemeralVolume_NameTakenByAnotherClaim_LeavesThatClaimAlone()
    {
        var world = new ClusterWorld(["n1"]);
        var taken = world.Create(ResourceTypes.PersistentVolumeClaims, TestObjects.Claim("p-scratch", "local", "1Gi"));
        world.Create(ResourceTypes.Pods, PodWithEphemeralVolume());
        world.Run(60);

        Assert.NotEqual("Running", world.Pod("p")!.Phase);
        Assert.Equal(taken.Uid, world.Claim("p-scratch")!.Uid);
        Assert.Empty(OwnerUids(world.Claim("p-scratch")!));
        Assert.Contains("FailedBinding", world.EventsAbout("p"));
    }

    [Fact]
    public void Namespace_Deleted_GoesWithEverythingInIt()
    {
        var world = new ClusterWorld(["n1"]);
        world.Create(ResourceTypes.Namespaces, JsonMap.Of(("metadata", JsonMap.Of(("name", "doomed")))));
        world.Create(WorkloadTypes.StatefulSets, StatefulSetTests.Set(2).WithAt(["metadata", "namespace"], "doomed"));
        StatefulSetTests.AwaitRunning(world, 2);
        Assert.Equal(2, world.Volumes.Count());

        world.Delete(ResourceTypes.Namespaces, "doomed");
        world.Run(0.5);
        Assert.Equal("Terminating", ((JsonText)Namespace(world)!.Tree.At("status", "phase")!).Value);

        world.Await(() => Namespace(world) is null, "the end of the namespace");
        world.Run(5);
        Assert.Equal((0, 0, 0), (world.Pods.Count(), world.Claims.Count(), world.Volumes.Count()));
        Assert.DoesNotContain(world.Server.Snapshot(ResourceTypes.Events), seen => seen.Namespace == "doomed");
        Assert.Empty(world.Devices.Existing);
    }

    [Fact]
    public void Collector_Change_LearnsFromItOnlyWhatItKeeps()
    {
        var world = new ClusterWorld([]);
        var owner = ConfigMap(world, "owner");
        ConfigMap(world, "owned", owner);
        world.Patch(WorkloadTypes.ConfigMaps, "owned", JsonMap.Of(("data", JsonMap.Of(("key", "value")))));
        world.Patch(WorkloadTypes.ConfigMaps, "owned", Metadata(("finalizers", new JsonList([(JsonText)"example.com/hold"]))));
        Assert.Equal([true, false, false], Learned(world, "owned"));

        world.Delete(WorkloadTypes.ConfigMaps, "owned");
        Assert.Equal([true, false, false, true], Learned(world, "owned"));
        world.Patch(WorkloadTypes.ConfigMaps, "owned", Metadata(("finalizers", JsonList.Empty)));
        Assert.Equal([true, false, false, true, true], Learned(world, "owned"));

        ConfigMap(world, "released", owner);
        world.Patch(WorkloadTypes.ConfigMaps, "released", Metadata(("ownerReferences", JsonList.Empty)));
        Assert.Equal([true, true], Learned(world, "released"));
    }

    private static IEnumerable<bool> Learned(ClusterWorld world, string name) =>
        world.History.Where(change => change.Object.Name == name).Select(GarbageCollector.LearnsFrom);

    private static JsonMap Metadata(params (string Key, JsonTree? Value)[] entries) => JsonMap.Of(("metadata", JsonMap.Of(entries)));

    private static KubernetesObject? Namespace(ClusterWorld world) =>
        world.Server.Find(ResourceTypes.Namespaces, ObjectKey.ClusterScoped("doomed"));

    private static JsonMap PodWithEphemeralVolume() => JsonMap.Of(
        ("metadata", JsonMap.Of(("name", "p"))),
        ("spec", TestObjects.PodSpec(JsonMap.Of(
            ("name", "scratch"),
            ("ephemeral", JsonMap.Of(("volumeClaimTemplate", JsonMap.Of(("spec", TestObjects.ClaimSpec("local", "1Gi"))))))))));

    private static KubernetesObject ConfigMap(ClusterWorld world, string name, params KubernetesObject[] owners) => world.Create(
        WorkloadTypes.ConfigMaps,
        JsonMap.Of(("metadata", JsonMap.Of(
            ("name", name),
            ("ownerReferences", owners.Length == 0 ? null : new JsonList([.. owners.Select(owner => (JsonTree)JsonMap.Of(
                ("apiVersion", "v1"),
                ("kind", "ConfigMap"),
                ("name", owner.Name),
                ("uid", owner.Uid),
                ("blockOwnerDeletion", true)))]))))));

    private static KubernetesObject? Find(ClusterWorld world, string name) =>
        world.Server.Find(WorkloadTypes.ConfigMaps, new ObjectKey("default", name));

    private static IEnumerable<string?> OwnersOf(ClusterWorld world, string name) => OwnerUids(Find(world, name)!);

    private static IEnumerable<string?> OwnerUids(KubernetesObject owned) =>
        (owned.Metadata.List("ownerReferences")?.Maps() ?? []).Select(owner => owner.Text("uid"));
}
