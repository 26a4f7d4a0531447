using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Provisioning;

namespace LocalPv.Core.Agents;

/// <summary>Writes the NodeLocalStorage and CSIStorageCapacity objects of a class on a node.</summary>
internal static class StorageObject
{
    /// <summary>The NodeLocalStorage to create, with our finalizer from the start.</summary>
    internal static JsonMap For(StorageClass storageClass, string name, NodeLocalStorageSpec spec, Node node) => JsonMap.Of(
        ("apiVersion", ResourceTypes.NodeLocalStorages.ApiVersion),
        ("kind", ResourceTypes.NodeLocalStorages.Kind),
        ("metadata", JsonMap.Of(
            ("name", name),
            ("labels", JsonMap.Of((WellKnown.NodeLabel, NodeLabel.Of(NodeName.Parse(node.Name))))),
            ("finalizers", JsonList.Of(WellKnown.VolumeGroupFinalizer)),
            ("ownerReferences", JsonList.Of(OwnedBy(storageClass))))),
        ("spec", spec.ToTree()));

    /// <summary>The CSIStorageCapacity to create.</summary>
    internal static JsonMap CapacityOf(
        NodeLocalStorage storage, string space, string hostName, string capacity, string largest) => JsonMap.Of(
        ("apiVersion", ResourceTypes.CsiStorageCapacities.ApiVersion),
        ("kind", ResourceTypes.CsiStorageCapacities.Kind),
        ("metadata", JsonMap.Of(
            ("name", storage.Name),
            ("namespace", space),
            ("labels", JsonMap.Of((WellKnown.NodeLabel, storage.Label(WellKnown.NodeLabel) ?? ""))),
            ("ownerReferences", JsonList.Of(OwnedBy(storage))))),
        ("storageClassName", storage.StorageClassName),
        ("nodeTopology", JsonMap.Of(("matchLabels", JsonMap.Of((WellKnown.HostNameLabel, hostName))))),
        ("capacity", capacity),
        ("maximumVolumeSize", largest));

    /// <summary>The uid of the class that a NodeLocalStorage was made for; null where it does not say.</summary>
    internal static string? OwnerOf(NodeLocalStorage storage) => storage.Metadata.List("ownerReferences")?.Maps()
        .FirstOrDefault(owner => owner.Text("kind") == ResourceTypes.StorageClasses.Kind)?.Text("uid");

    private static JsonMap OwnedBy(KubernetesObject owner) => JsonMap.Of(
        ("apiVersion", owner.Type.ApiVersion),
        ("kind", owner.Type.Kind),
        ("name", owner.Name),
        ("uid", owner.Uid));
}
