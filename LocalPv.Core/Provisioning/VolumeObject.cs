using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Provisioning;

/// <summary>Writes the PersistentVolume of a logical volume.</summary>
public static class VolumeObject
{
    /// <summary>
    /// The object to create. It carries our finalizer from the start, and the claim's uid, without which binding takes seconds.
    /// </summary>
    public static JsonMap For(
        PersistentVolumeClaim claim,
        VolumeGroupName group,
        LogicalVolume volume,
        VolumeTerms terms,
        NodeName node,
        string hostName,
        string provisioner) =>
        JsonMap.Of(
            ("apiVersion", "v1"),
            ("kind", "PersistentVolume"),
            ("metadata", JsonMap.Of(
                ("name", "pvc-" + claim.Uid),
                ("labels", JsonMap.Of((WellKnown.NodeLabel, NodeLabel.Of(node)))),
                ("annotations", JsonMap.Of((WellKnown.ProvisionedByAnnotation, provisioner))),
                ("finalizers", JsonList.Of(WellKnown.LogicalVolumeFinalizer)))),
            ("spec", JsonMap.Of(
                ("capacity", JsonMap.Of(("storage", Quantity.Format(volume.Size)))),
                ("accessModes", JsonList.OfTexts(claim.AccessModes)),
                ("volumeMode", claim.VolumeMode),
                ("persistentVolumeReclaimPolicy", terms.ReclaimPolicy),
                ("storageClassName", terms.StorageClass.Value),
                ("mountOptions", terms.MountOptions.IsEmpty ? null : JsonList.OfTexts(terms.MountOptions)),
                ("claimRef", JsonMap.Of(
                    ("apiVersion", "v1"),
                    ("kind", "PersistentVolumeClaim"),
                    ("namespace", claim.Namespace),
                    ("name", claim.Name),
                    ("uid", claim.Uid),
                    ("resourceVersion", claim.ResourceVersion))),
                ("local", JsonMap.Of(
                    ("path", new VolumePlace(group, volume.Name).Path),
                    ("fsType", claim.VolumeMode == "Block" ? null : terms.FileSystem))),
                ("nodeAffinity", JsonMap.Of(("required", JsonMap.Of(("nodeSelectorTerms", JsonList.Of(OnlyOn(hostName))))))))));

    private static JsonMap OnlyOn(string hostName) => JsonMap.Of(("matchExpressions", JsonList.Of(JsonMap.Of(
        ("key", WellKnown.HostNameLabel),
        ("operator", "In"),
        ("values", JsonList.Of(hostName))))));
}
