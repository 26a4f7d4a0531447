using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.RealLvm.Tests.World;

/// <summary>The objects that a <see cref="NodeWorld"/> is made of.</summary>
internal static class WorldObjects
{
    internal static JsonMap Named(string name) => JsonMap.Of(("metadata", JsonMap.Of(("name", name))));

    internal static JsonMap Node(string name) => JsonMap.Of(
        ("metadata", JsonMap.Of(("name", name), ("labels", JsonMap.Of((WellKnown.HostNameLabel, name))))));

    internal static JsonMap Class(string name, string storage) => JsonMap.Of(
        ("metadata", JsonMap.Of(("name", name))),
        ("provisioner", WellKnown.DefaultProvisioner),
        ("volumeBindingMode", "WaitForFirstConsumer"),
        ("reclaimPolicy", "Delete"),
        ("allowVolumeExpansion", true),
        ("parameters", JsonMap.Of((WellKnown.StorageParameter, storage))));

    /// <summary>A claim that the scheduler has given to a node.</summary>
    internal static JsonMap Claim(string name, string size, string node, string className) => JsonMap.Of(
        ("metadata", JsonMap.Of(
            ("name", name),
            ("namespace", "default"),
            ("annotations", JsonMap.Of(
                (WellKnown.SelectedNodeAnnotation, node),
                (WellKnown.StorageProvisionerAnnotation, WellKnown.DefaultProvisioner))))),
        ("spec", JsonMap.Of(
            ("storageClassName", className),
            ("accessModes", JsonList.Of("ReadWriteOnce")),
            ("resources", Requests(size)))));

    internal static JsonMap Requests(string size) => JsonMap.Of(("requests", JsonMap.Of(("storage", size))));
}
