using System.Collections.Immutable;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Rest.Tables;

/// <summary>The columns of claims, volumes and classes.</summary>
internal static class VolumeColumns
{
    public static ImmutableArray<TableColumn> Claims { get; } =
    [
        TableColumn.ForName,
        TableColumn.Of("Status", "phase represents the current phase of PersistentVolumeClaim.", ClaimStatus),
        TableColumn.Of("Volume", "volumeName is the binding reference to the PersistentVolume backing this claim.", "spec", "volumeName"),
        TableColumn.Of(
            "Capacity", "capacity represents the actual resources of the underlying volume.", item =>
                WhenBound(item, item.At("status", "capacity", "storage"))),
        TableColumn.Of(
            "Access Modes",
            "accessModes contains the actual access modes the volume backing the PVC has. More info: "
            + "https://kubernetes.io/docs/concepts/storage/persistent-volumes#access-modes-1",
            item => WhenBound(item, Cells.AccessModes(item.Map("status")?.List("accessModes")))),
        TableColumn.Of("StorageClass", "StorageClass of the pvc", ClaimClass),
        TableColumn.Of(
            "VolumeAttributesClass", "VolumeAttributesClass of the pvc", item =>
                Cells.Or(item.At("spec", "volumeAttributesClassName"), "<unset>")),
        TableColumn.ForAge,
        TableColumn.Of(
            "VolumeMode",
            "volumeMode defines what type of volume is required by the claim. Value of Filesystem is implied when not included in claim "
            + "spec.",
            item => Cells.Or(item.At("spec", "volumeMode"), "<unset>")).Wide(),
    ];

    public static ImmutableArray<TableColumn> Volumes { get; } =
    [
        TableColumn.ForName,
        TableColumn.Of("Capacity", "The size of the volume", "spec", "capacity", "storage"),
        TableColumn.Of("Access Modes", "The ways the volume can be mounted", item =>
            Cells.AccessModes(item.Map("spec")?.List("accessModes"))),
        TableColumn.Of("Reclaim Policy", "What becomes of the volume after its claim", item =>
            Cells.Or(item.At("spec", "persistentVolumeReclaimPolicy"), "")),
        TableColumn.Of(
            "Status", "The phase of the volume", item =>
                item.At("metadata", "deletionTimestamp") is null ? Cells.Or(item.At("status", "phase"), "") : "Terminating"),
        TableColumn.Of("Claim", "The claim the volume belongs to", VolumeClaim),
        TableColumn.Of("StorageClass", "The class of the volume", "spec", "storageClassName"),
        TableColumn.Of("VolumeAttributesClass", "The attributes class of the volume", item =>
            Cells.Or(item.At("spec", "volumeAttributesClassName"), "<unset>")),
        TableColumn.Of("Reason", "Why the volume is in this phase", "status", "reason"),
        TableColumn.ForAge,
        TableColumn.Of("VolumeMode", "Filesystem or Block", item => Cells.Or(item.At("spec", "volumeMode"), "<unset>")).Wide(),
    ];

    public static ImmutableArray<TableColumn> Classes { get; } =
    [
        TableColumn.ForName with { Cell = (item, _) => ClassName(item) },
        TableColumn.Of("Provisioner", "Who makes the volumes", "provisioner"),
        TableColumn.Of("ReclaimPolicy", "What becomes of volumes after their claims", item => Cells.Or(item["reclaimPolicy"], "Delete")),
        TableColumn.Of("VolumeBindingMode", "When volumes are made and bound", item => Cells.Or(item["volumeBindingMode"], "Immediate")),
        TableColumn.Of(
            "AllowVolumeExpansion", "Whether volumes can grow", item =>
                item["allowVolumeExpansion"] ?? JsonBoolean.False) with { Type = "boolean" },
        TableColumn.ForAge,
    ];

    private static JsonTree ClaimStatus(JsonMap item) =>
        item.At("metadata", "deletionTimestamp") is null ? Cells.Or(item.At("status", "phase"), "") : "Terminating";

    private static JsonTree WhenBound(JsonMap item, JsonTree? cell) =>
        Cells.Or(item.At("spec", "volumeName"), "").Length == 0 ? "" : cell ?? "";

    private static JsonTree ClaimClass(JsonMap item) =>
        item.At("metadata", "annotations", "volume.beta.kubernetes.io/storage-class") ?? item.At("spec", "storageClassName") ?? "";

    private static JsonTree VolumeClaim(JsonMap item) => item.Map("spec")?.Map("claimRef") is { } claim
        ? claim.Text("namespace") + "/" + claim.Text("name")
        : "";

    private static string ClassName(JsonMap item)
    {
        var isDefault = item.At("metadata", "annotations", "storageclass.kubernetes.io/is-default-class") is JsonText { Value: "true" };
        return Cells.Or(item.At("metadata", "name"), "") + (isDefault ? " (default)" : "");
    }
}
