using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Tests.Controllers;

/// <summary>Objects as users and provisioners make them.</summary>
internal static class TestObjects
{
    /// <summary>A class; its claims wait for their first consumer unless told otherwise.</summary>
    public static JsonMap Class(
        string name, string provisioner, string mode = "WaitForFirstConsumer", string reclaim = "Delete") => JsonMap.Of(
        ("metadata", JsonMap.Of(("name", name))),
        ("provisioner", provisioner),
        ("reclaimPolicy", reclaim),
        ("volumeBindingMode", mode),
        ("allowVolumeExpansion", true));

    /// <summary>A claim.</summary>
    public static JsonMap Claim(string name, string className, string size, string? volumeName = null) => JsonMap.Of(
        ("metadata", JsonMap.Of(("name", name))),
        ("spec", ClaimSpec(className, size).With("volumeName", volumeName is null ? null : (JsonTree)volumeName)));

    /// <summary>The wish of a claim.</summary>
    public static JsonMap ClaimSpec(string className, string size) => JsonMap.Of(
        ("accessModes", JsonList.Of("ReadWriteOnce")),
        ("storageClassName", className),
        ("resources", JsonMap.Of(("requests", JsonMap.Of(("storage", size))))));

    /// <summary>A local volume of a node, reserved for a claim where one is given.</summary>
    public static JsonMap Volume(
        string name, string className, string size, string node, ObjectKey? claim = null, string? claimUid = null,
        string? provisionedBy = null, string reclaim = "Delete") => JsonMap.Of(
        ("metadata", JsonMap.Of(
            ("name", name),
            ("annotations", provisionedBy is null ? null : JsonMap.Of((WellKnown.ProvisionedByAnnotation, provisionedBy))))),
        ("spec", JsonMap.Of(
            ("capacity", JsonMap.Of(("storage", size))),
            ("accessModes", JsonList.Of("ReadWriteOnce")),
            ("persistentVolumeReclaimPolicy", reclaim),
            ("storageClassName", className),
            ("local", JsonMap.Of(("path", "/dev/fast/" + name))),
            ("claimRef", claim is not { } key ? null : JsonMap.Of(
                ("apiVersion", "v1"),
                ("kind", "PersistentVolumeClaim"),
                ("namespace", key.Namespace),
                ("name", key.Name),
                ("uid", claimUid is null ? null : (JsonTree)claimUid))),
            ("nodeAffinity", JsonMap.Of(("required", JsonMap.Of(("nodeSelectorTerms", JsonList.Of(JsonMap.Of(
                ("matchExpressions", JsonList.Of(JsonMap.Of(
                    ("key", WellKnown.HostNameLabel),
                    ("operator", "In"),
                    ("values", JsonList.Of(node)))))))))))))));

    /// <summary>A Pod that uses claims, on a node of its own choice where one is given.</summary>
    public static JsonMap Pod(string name, string claimName, string? node = null) => JsonMap.Of(
        ("metadata", JsonMap.Of(("name", name))),
        ("spec", PodSpec(JsonMap.Of(("name", "v0"), ("persistentVolumeClaim", JsonMap.Of(("claimName", claimName)))))
            .With("nodeName", node is null ? null : (JsonTree)node)));

    /// <summary>The wish of a Pod with these volumes.</summary>
    public static JsonMap PodSpec(params ReadOnlySpan<JsonTree> volumes) => JsonMap.Of(
        ("containers", JsonList.Of(JsonMap.Of(("name", "c"), ("image", "example.com/pause:1")))),
        ("volumes", JsonList.Of(volumes)));
}
