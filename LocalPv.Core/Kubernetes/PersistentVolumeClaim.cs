using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Provisioning;

namespace LocalPv.Core.Kubernetes;

/// <summary>A claim, as far as LocalPv reads it.</summary>
public sealed class PersistentVolumeClaim(JsonMap tree) : KubernetesObject(ResourceTypes.PersistentVolumeClaims, tree)
{
    private readonly JsonMap _spec = tree.Map("spec") ?? JsonMap.Empty;
    private bool? _isBoundToItsOwn;

    /// <summary>The class that is asked for; null where none is named.</summary>
    public string? StorageClassName => _spec.Text("storageClassName");

    /// <summary>The volume it is bound to; empty while there is none.</summary>
    public string VolumeName { get; } = tree.Map("spec")?.Text("volumeName") ?? "";

    /// <summary>
    /// Whether the volume it is bound to has the name of the one that is made for it; read once, since the agent of every node asks it of
    /// every claim.
    /// </summary>
    internal bool IsBoundToItsOwn => _isBoundToItsOwn ??= VolumeMachine.IsNameOf(VolumeName, Uid);

    /// <summary>The amount asked for as a Kubernetes quantity; null where none is given.</summary>
    public string? RequestedStorage => (_spec.At("resources", "requests", "storage")) switch
    {
        JsonText text => text.Value,
        JsonNumber number => number.Text,
        _ => null,
    };

    /// <summary><c>Filesystem</c> or <c>Block</c>.</summary>
    public string VolumeMode => _spec.Text("volumeMode") ?? "Filesystem";

    /// <summary>The access modes in order.</summary>
    public IEnumerable<string> AccessModes => _spec.List("accessModes")?.Texts() ?? [];

    /// <summary><c>Pending</c>, <c>Bound</c> or <c>Lost</c>.</summary>
    public string Phase { get; } = tree.Map("status")?.Text("phase") ?? "Pending";

    /// <summary>The node that the scheduler chose; null while there is none.</summary>
    public string? SelectedNode { get; } =
        tree.Map("metadata")?.Map("annotations")?.Text(WellKnown.SelectedNodeAnnotation);

    /// <summary>Who is to provision it, as the PV controller says; null until it has.</summary>
    public string? Provisioner =>
        Annotation(WellKnown.StorageProvisionerAnnotation) ?? Annotation(WellKnown.BetaStorageProvisionerAnnotation);
}
