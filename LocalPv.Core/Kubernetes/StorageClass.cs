using LocalPv.Core.Disks;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Core.Kubernetes;

/// <summary>A class, as far as LocalPv reads it.</summary>
public sealed class StorageClass(JsonMap tree) : KubernetesObject(ResourceTypes.StorageClasses, tree)
{
    /// <summary>Who provisions its claims.</summary>
    public string Provisioner => Tree.Text("provisioner") ?? "";

    /// <summary><c>Immediate</c> or <c>WaitForFirstConsumer</c>.</summary>
    public string VolumeBindingMode => Tree.Text("volumeBindingMode") ?? "Immediate";

    /// <summary><c>Delete</c> or <c>Retain</c>.</summary>
    public string ReclaimPolicy => Tree.Text("reclaimPolicy") ?? "Delete";

    /// <summary>Whether claims may grow.</summary>
    public bool AllowVolumeExpansion => Tree.Boolean("allowVolumeExpansion") ?? false;

    /// <summary>The provisioner's parameters.</summary>
    public JsonMap Parameters => Tree.Map("parameters") ?? JsonMap.Empty;

    /// <summary><see cref="Parameters"/> as they are understood, once somebody has read them: many look at the same version.</summary>
    internal ReadParameters? Understood { get; set; }

    /// <summary>The mount options for its volumes.</summary>
    public IEnumerable<string> MountOptions => Tree.List("mountOptions")?.Texts() ?? [];
}
