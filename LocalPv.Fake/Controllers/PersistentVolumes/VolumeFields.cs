using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;
using LocalPv.Fake.Controllers.Machinery;

namespace LocalPv.Fake.Controllers.PersistentVolumes;

/// <summary>What the PV controller reads of claims and volumes beyond what LocalPv itself does.</summary>
internal static class VolumeFields
{
    internal const string DefaultClassAnnotation = "storageclass.kubernetes.io/is-default-class";

    /// <summary>Whether the controller has finished binding this claim before.</summary>
    internal static bool IsBindCompleted(this PersistentVolumeClaim claim) =>
        claim.Annotation(WellKnown.BindCompletedAnnotation) is not null;

    internal static bool IsBoundByController(this KubernetesObject bound) =>
        bound.Annotation(WellKnown.BoundByControllerAnnotation) is not null;

    /// <summary>Whether the volume is reserved for this claim: by name where it carries no uid, by name and uid where it does.</summary>
    internal static bool IsFor(this PersistentVolume volume, PersistentVolumeClaim claim) =>
        volume.ClaimKey == claim.Key && (volume.ClaimUid.Length == 0 || volume.ClaimUid == claim.Uid);

    internal static string VolumeMode(this PersistentVolume volume) =>
        volume.Tree.At("spec", "volumeMode") is JsonText mode ? mode.Value : "Filesystem";

    internal static JsonList AccessModeList(this KubernetesObject bound) =>
        bound.Tree.At("spec", "accessModes") as JsonList ?? JsonList.Empty;

    internal static Bytes Size(string? quantity) =>
        quantity is not null && Quantity.TryParse(quantity, out var bytes, out _) ? bytes : Bytes.Zero;

    internal static Bytes Size(this PersistentVolume volume) => Size(volume.Capacity);

    internal static Bytes Request(this PersistentVolumeClaim claim) => Size(claim.RequestedStorage);

    /// <summary>Whether nothing but the claim's size, mode, access modes, class or selector forbids to bind it; else why not.</summary>
    internal static string? Mismatch(PersistentVolume volume, PersistentVolumeClaim claim) =>
        volume.Size() < claim.Request() ? "requested PV is too small"
        : volume.StorageClassName != (claim.StorageClassName ?? "") ? "storageClassName does not match"
        : volume.VolumeMode() != claim.VolumeMode ? "incompatible volumeMode"
        : !HasAccessModes(volume, claim) ? "incompatible accessMode"
        : null;

    internal static bool HasAccessModes(PersistentVolume volume, PersistentVolumeClaim claim)
    {
        var offered = volume.AccessModeList();
        return claim.AccessModes.All(wanted => offered.Texts().Contains(wanted));
    }

    /// <summary>
    /// Whether the claim's label selector, where it has one, lets the volume in. Only <c>matchLabels</c> and <c>matchExpressions</c>.
    /// </summary>
    internal static bool IsSelectedBy(this PersistentVolume volume, PersistentVolumeClaim claim) =>
        LabelSelection.Matches(claim.Tree.At("spec", "selector") as JsonMap, volume.Labels, whereAbsent: true);
}
