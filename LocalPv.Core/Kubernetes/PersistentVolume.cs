using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Core.Kubernetes;

/// <summary>A volume, as far as LocalPv reads it.</summary>
public sealed class PersistentVolume(JsonMap tree) : KubernetesObject(ResourceTypes.PersistentVolumes, tree)
{
    private readonly JsonMap _spec = tree.Map("spec") ?? JsonMap.Empty;
    private readonly JsonMap? _claim = tree.Map("spec")?.Map("claimRef");
    private string? _hostName;

    /// <summary>The class it belongs to; empty where none.</summary>
    public string StorageClassName => _spec.Text("storageClassName") ?? "";

    /// <summary>Its size as a Kubernetes quantity.</summary>
    public string? Capacity => _spec.At("capacity", "storage") is JsonText text ? text.Value : null;

    /// <summary><c>Delete</c> or <c>Retain</c>.</summary>
    public string ReclaimPolicy => _spec.Text("persistentVolumeReclaimPolicy") ?? "Retain";

    /// <summary>The uid of the claim it is for; empty where none.</summary>
    public string ClaimUid => _claim?.Text("uid") ?? "";

    /// <summary>The key of the claim it is for; null where none.</summary>
    public ObjectKey? ClaimKey =>
        _claim is null ? null : new ObjectKey(_claim.Text("namespace") ?? "", _claim.Text("name") ?? "");

    /// <summary>The device of a <c>local</c> volume; null for other kinds.</summary>
    public string? LocalPath => _spec.Map("local")?.Text("path");

    /// <summary><c>Available</c>, <c>Bound</c>, <c>Released</c> or <c>Failed</c>; <c>Pending</c> where not yet set.</summary>
    public string Phase { get; } = tree.Map("status")?.Text("phase") ?? "Pending";

    /// <summary>Who made it; null where nobody says so.</summary>
    public string? ProvisionedBy => Annotation(WellKnown.ProvisionedByAnnotation);

    /// <summary>The value of <c>kubernetes.io/hostname</c> that its required node affinity names; null where it does not.</summary>
    public string? HostName => (_hostName ??= ReadHostName()).Length == 0 ? null : _hostName;

    private string ReadHostName()
    {
        var terms = (_spec.At("nodeAffinity", "required", "nodeSelectorTerms") as JsonList)?.Maps() ?? [];
        return terms
            .SelectMany(term => term.List("matchExpressions")?.Maps() ?? [])
            .Where(expression => expression.Text("key") == WellKnown.HostNameLabel && expression.Text("operator") == "In")
            .SelectMany(expression => expression.List("values")?.Texts() ?? [])
            .FirstOrDefault("");
    }
}
