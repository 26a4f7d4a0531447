using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Provisioning;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Tests.Provisioning;

/// <content>The API objects of the situations.</content>
public sealed partial class VolumeMachineTests
{
    private static PersistentVolumeClaim Claim(string volume, string request = "1Gi") => new(JsonMap.Of(
        ("metadata", JsonMap.Of(
            ("name", "data"),
            ("namespace", "default"),
            ("uid", Uid),
            ("resourceVersion", "7"),
            ("annotations", JsonMap.Of(
                (WellKnown.SelectedNodeAnnotation, "node-a"),
                (WellKnown.StorageProvisionerAnnotation, WellKnown.DefaultProvisioner))))),
        ("spec", JsonMap.Of(
            ("storageClassName", "fast"),
            ("volumeName", volume),
            ("resources", JsonMap.Of(("requests", JsonMap.Of(("storage", request)))))))));

    private static PersistentVolume Volume(
        string phase, string policy, string capacity, bool deleting, bool finalizer, string claimUid = Uid,
        string node = "node-a", string? label = null) => new(JsonMap.Of(
        ("metadata", JsonMap.Of(
            ("name", Name),
            ("uid", "pv"),
            ("resourceVersion", "9"),
            ("deletionTimestamp", deleting ? "2026-01-01T00:00:00Z" : null),
            ("finalizers", finalizer ? JsonList.Of(WellKnown.LogicalVolumeFinalizer) : JsonList.Empty),
            ("labels", JsonMap.Of((WellKnown.NodeLabel, label))),
            ("annotations", JsonMap.Of((WellKnown.ProvisionedByAnnotation, WellKnown.DefaultProvisioner))))),
        ("spec", JsonMap.Of(
            ("capacity", JsonMap.Of(("storage", capacity))),
            ("persistentVolumeReclaimPolicy", policy),
            ("storageClassName", "fast"),
            ("claimRef", JsonMap.Of(("namespace", "default"), ("name", "data"), ("uid", claimUid))),
            ("local", JsonMap.Of(("path", $"/dev/{Group}/{Name}"))),
            ("nodeAffinity", JsonMap.Of(("required", JsonMap.Of(("nodeSelectorTerms", JsonList.Of(JsonMap.Of(
                ("matchExpressions", JsonList.Of(JsonMap.Of(
                    ("key", WellKnown.HostNameLabel), ("operator", "In"), ("values", JsonList.Of(node)))))))))))))),
        ("status", JsonMap.Of(("phase", phase)))));

    private static VolumeSituation MissingADisk(VolumeSituation given)
    {
        var group = given.Group! with { PhysicalVolumes = [new PhysicalVolume("disk", null, Missing: true, new(500), new(0))] };
        return given with { Group = group, FoundIn = group };
    }
}
