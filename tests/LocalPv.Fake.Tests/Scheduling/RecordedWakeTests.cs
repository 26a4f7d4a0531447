using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Fake.Scheduling;

namespace LocalPv.Fake.Tests.Scheduling;

/// <summary>Which events make the scheduler try a Pod again that an extender turned away, as recorded on a real one (1.36.2).</summary>
public sealed class RecordedWakeTests
{
    private static readonly ResourceType ConfigMaps = new("", "v1", "configmaps", "ConfigMap", true);

    [Fact]
    public void Flow6_EventsAfterARejection_WakeThePodAsRecorded()
    {
        var allowed = false;
        var world = new SchedulerWorld(Cluster.WithExtender())
        {
            Extender = (verb, arguments) => StubExtender.Allow(verb, arguments, _ => allowed, ""),
        };
        Cluster.SetUp(world, "node-a", "node-b", "node-c");
        Cluster.Claim(world, "f6");
        Cluster.Claim(world, "f6-other");
        Cluster.Pod(world, "f6", "f6");
        world.Run(TimeSpan.FromSeconds(3));
        Assert.Equal(("Unschedulable", 2), (world.Condition("f6").Reason, world.ExtenderCalls.Count));

        foreach (var recorded in Recording.Load("flow6-requeue.json").Items.Cast<JsonList>())
        {
            var name = ((JsonText)recorded[0]).Value;
            var woke = recorded[1] is JsonBoolean { Value: true };
            var calls = ((JsonNumber)recorded[3]).TryGetInt64(out var count) ? count : 0;
            allowed = name == "other (unrelated) pod create+schedule" || allowed;
            world.ExtenderCalls.Clear();
            foreach (var act in ActsOf(name, world))
            {
                act();
                world.Run(TimeSpan.FromMilliseconds(5));
            }

            world.Run(TimeSpan.FromSeconds(name.StartsWith("nothing", StringComparison.Ordinal) ? 12.5 : 1));

            var filters = world.ExtenderCalls.Count(call => call.Verb == ExtenderVerb.Filter);
            Assert.True((woke, calls) == (filters > 0, filters), $"{name}: recorded {calls} calls, happened {filters}");
        }
    }

    // What the recorder did; where a controller writes more (a finalizer, a phase), so does the test.
    private static Action[] ActsOf(string name, SchedulerWorld world) => name switch
    {
        "nothing (12.5 s)" => [],
        "node annotation patch" => [() => Patch(world, ResourceTypes.Nodes, Node("node-a"), "metadata", "annotations")],
        "node status heartbeat only" => [() => Heartbeat(world)],
        "own PVC annotation" => [() => Patch(world, ResourceTypes.PersistentVolumeClaims, Key("f6"), "metadata", "annotations")],
        "other PVC annotation" => [() => Patch(world, ResourceTypes.PersistentVolumeClaims, Key("f6-other"), "metadata", "annotations")],
        "other PVC delete" =>
        [
            () => Delete(world, ResourceTypes.PersistentVolumeClaims, Key("f6-other")),
            () => DropFinalizers(world, ResourceTypes.PersistentVolumeClaims, Key("f6-other")),
        ],
        "PV create (unrelated)" =>
        [
            () => CreateVolume(world),
            () => world.Send(new ClusterRequest.Patch(
                ResourceTypes.PersistentVolumes, Node("f6-pv"), JsonMap.Of(("status", JsonMap.Of(("phase", "Available")))), "status")),
        ],
        "PV delete" =>
        [
            () => Delete(world, ResourceTypes.PersistentVolumes, Node("f6-pv")),
            () => DropFinalizers(world, ResourceTypes.PersistentVolumes, Node("f6-pv")),
        ],
        "own pod annotation" => [() => Patch(world, ResourceTypes.Pods, Key("f6"), "metadata", "annotations")],
        "own pod label" => [() => Patch(world, ResourceTypes.Pods, Key("f6"), "metadata", "labels")],
        "StorageClass annotation" =>
            [() => Patch(world, ResourceTypes.StorageClasses, Node(Cluster.StorageClass), "metadata", "annotations")],
        "CSIStorageCapacity create" => [() => CreateCapacity(world)],
        "CSIStorageCapacity update" => [() => world.Send(new ClusterRequest.Patch(
            ResourceTypes.CsiStorageCapacities, Key("f6-capacity"), JsonMap.Of(("capacity", "2Gi"))))],
        "CSIStorageCapacity delete" => [() => Delete(world, ResourceTypes.CsiStorageCapacities, Key("f6-capacity"))],
        "Lease create" => [() => CreateLease(world)],
        "ConfigMap create" => [() => world.Create<KubernetesObject>(ConfigMaps, Named("f6-map"))],
        "other (unrelated) pod create+schedule" => [() => Cluster.Pod(world, "f6-x")],

        // The Pod that waited had a node by then: the recording does not show that this wakes nobody.
        "scheduled pod delete" => [() => Delete(world, ResourceTypes.Pods, Key("f6-x"))],
        _ => throw new ArgumentException(name, nameof(name)),
    };

    [Fact]
    public void ScheduledPod_WhenDeleted_WakesPodsThatAnExtenderTurnedAway()
    {
        var world = new SchedulerWorld(Cluster.WithExtender())
        {
            Extender = (verb, arguments) => StubExtender.Allow(verb, arguments, _ => arguments.Pod.Name == "there", ""),
        };
        Cluster.SetUp(world, "node-a");
        Cluster.Pod(world, "there");
        world.Run(TimeSpan.FromSeconds(1));
        Cluster.Pod(world, "waits");
        world.Run(TimeSpan.FromSeconds(3));
        world.ExtenderCalls.Clear();

        Delete(world, ResourceTypes.Pods, Key("there"));
        world.Run(TimeSpan.FromSeconds(1));

        Assert.NotEmpty(world.ExtenderCalls);
    }

    private static ObjectKey Key(string name) => new("default", name);

    private static ObjectKey Node(string name) => ObjectKey.ClusterScoped(name);

    private static JsonMap Named(string name) => JsonMap.Of(("metadata", JsonMap.Of(("name", name), ("namespace", "default"))));

    private static void Patch(SchedulerWorld world, ResourceType type, ObjectKey key, params string[] path) =>
        world.Send(new ClusterRequest.Patch(type, key, JsonMap.Empty.WithAt([.. path, "example.com/p"], world.Now.TicksSinceEpoch.ToString(
            System.Globalization.CultureInfo.InvariantCulture))));

    private static void Delete(SchedulerWorld world, ResourceType type, ObjectKey key) => world.Send(
        new ClusterRequest.Delete(type, key) { GracePeriodSeconds = type == ResourceTypes.Pods ? 0 : null });

    private static void DropFinalizers(SchedulerWorld world, ResourceType type, ObjectKey key) => world.Send(
        new ClusterRequest.Patch(type, key, JsonMap.Of(("metadata", JsonMap.Of(("finalizers", JsonNull.Instance))))));

    private static void Heartbeat(SchedulerWorld world) => world.Send(new ClusterRequest.Patch(
        ResourceTypes.Nodes,
        Node("node-a"),
        JsonMap.Of(("status", JsonMap.Of(("conditions", JsonList.Of(JsonMap.Of(
            ("type", "Ready"), ("status", "True"), ("lastHeartbeatTime", world.Now.ToRfc3339()))))))),
        "status"));

    private static void CreateVolume(SchedulerWorld world)
    {
        var body = Cluster.Volume(world.Claim("f6"), "node-a", names: false);
        body = body.WithAt(["metadata", "name"], "f6-pv").WithAt(["spec", "storageClassName"], "another");
        world.Create<PersistentVolume>(ResourceTypes.PersistentVolumes, body);
    }

    private static void CreateCapacity(SchedulerWorld world) => world.Create<KubernetesObject>(
        ResourceTypes.CsiStorageCapacities,
        Named("f6-capacity").With("storageClassName", Cluster.StorageClass).With("capacity", "1Gi"));

    private static void CreateLease(SchedulerWorld world) => world.Create<KubernetesObject>(
        ResourceTypes.Leases, Named("f6-lease").With("spec", JsonMap.Of(("holderIdentity", "somebody"))));
}
