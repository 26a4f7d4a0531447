using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Fake.Scheduling;

namespace LocalPv.Fake.Tests.Scheduling;

/// <summary>The objects of the test clusters, as the recorded cluster had them.</summary>
internal static class Cluster
{
    public const string Provisioner = "example.com/local";
    public const string StorageClass = "local-wffc";

    public static SchedulerOptions WithExtender(ExtenderSettings? extender = null) =>
        new() { Extenders = [extender ?? new ExtenderSettings()] };

    /// <summary>Nodes and the class, as the recordings' cluster had them.</summary>
    public static void SetUp(SchedulerWorld world, params string[] nodes)
    {
        foreach (var node in nodes)
        {
            world.Create<Node>(ResourceTypes.Nodes, NodeBody(node));
        }

        world.Create<StorageClass>(ResourceTypes.StorageClasses, JsonMap.Of(
            ("metadata", JsonMap.Of(("name", StorageClass))),
            ("provisioner", Provisioner),
            ("volumeBindingMode", "WaitForFirstConsumer")));
    }

    public static JsonMap NodeBody(string name, string cpu = "4", string memory = "8Gi", int pods = 110) => JsonMap.Of(
        ("metadata", JsonMap.Of(("name", name), ("labels", JsonMap.Of((WellKnown.HostNameLabel, name))))),
        ("status", JsonMap.Of(
            ("allocatable", JsonMap.Of(("cpu", cpu), ("memory", memory), ("pods", pods))),
            ("conditions", JsonList.Of(JsonMap.Of(("type", "Ready"), ("status", "True")))))));

    public static JsonMap ClaimBody(string name, string size = "1Gi") => JsonMap.Of(
        ("metadata", JsonMap.Of(("name", name), ("namespace", "default"))),
        ("spec", JsonMap.Of(
            ("accessModes", JsonList.Of("ReadWriteOnce")),
            ("resources", JsonMap.Of(("requests", JsonMap.Of(("storage", size))))),
            ("storageClassName", StorageClass))));

    public static JsonMap PodBody(
        string name, string[] claims, string cpu = "100m", string memory = "64Mi", long priority = 0) => JsonMap.Of(
        ("metadata", JsonMap.Of(("name", name), ("namespace", "default"), ("labels", JsonMap.Of(("app", name))))),
        ("spec", JsonMap.Of(
            ("containers", JsonList.Of(JsonMap.Of(
                ("name", "c"),
                ("image", "example.com/pause:1"),
                ("resources", JsonMap.Of(("requests", JsonMap.Of(("cpu", cpu), ("memory", memory)))))))),
            ("priority", priority),
            ("terminationGracePeriodSeconds", 0),
            ("volumes", new JsonList([.. claims.Select((claim, index) => (JsonTree)JsonMap.Of(
                ("name", $"v{index}"),
                ("persistentVolumeClaim", JsonMap.Of(("claimName", claim)))))])))));

    public static void Pod(SchedulerWorld world, string name, params string[] claims) =>
        world.Create<Pod>(ResourceTypes.Pods, PodBody(name, claims));

    public static void Claim(SchedulerWorld world, string name, string size = "1Gi") =>
        world.Create<PersistentVolumeClaim>(ResourceTypes.PersistentVolumeClaims, ClaimBody(name, size));

    public static JsonMap Volume(PersistentVolumeClaim claim, string node, bool names = true) => JsonMap.Of(
        ("metadata", JsonMap.Of(
            ("name", "pvc-" + claim.Uid),
            ("annotations", JsonMap.Of((WellKnown.ProvisionedByAnnotation, Provisioner))))),
        ("spec", JsonMap.Of(
            ("capacity", JsonMap.Of(("storage", claim.RequestedStorage))),
            ("accessModes", JsonList.Of("ReadWriteOnce")),
            ("persistentVolumeReclaimPolicy", "Delete"),
            ("storageClassName", StorageClass),
            ("volumeMode", "Filesystem"),
            ("local", JsonMap.Of(("path", "/dev/vg/pvc-" + claim.Uid))),
            ("claimRef", !names ? null : JsonMap.Of(
                ("apiVersion", "v1"), ("kind", "PersistentVolumeClaim"),
                ("namespace", claim.Namespace), ("name", claim.Name), ("uid", claim.Uid))),
            ("nodeAffinity", Affinity(node)))));

    public static JsonMap Affinity(string node) => JsonMap.Of(("required", JsonMap.Of(("nodeSelectorTerms", JsonList.Of(JsonMap.Of(
        ("matchExpressions", JsonList.Of(JsonMap.Of(
            ("key", WellKnown.HostNameLabel), ("operator", "In"), ("values", JsonList.Of(node)))))))))));

    public static void ClearSelectedNode(SchedulerWorld world, string claim) => world.Send(new ClusterRequest.Patch(
        ResourceTypes.PersistentVolumeClaims,
        new ObjectKey("default", claim),
        JsonMap.Of(("metadata", JsonMap.Of(("annotations", JsonMap.Of((WellKnown.SelectedNodeAnnotation, JsonNull.Instance))))))));
}
