using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Core.Kubernetes;

/// <summary>A Pod, as far as LocalPv reads it.</summary>
public sealed class Pod(JsonMap tree) : KubernetesObject(ResourceTypes.Pods, tree)
{
    private readonly JsonMap _spec = tree.Map("spec") ?? JsonMap.Empty;
    private string[]? _claimNames;

    /// <summary>The node it runs on; empty while it has none.</summary>
    public string NodeName => _spec.Text("nodeName") ?? "";

    /// <summary><c>Pending</c>, <c>Running</c>, <c>Succeeded</c>, <c>Failed</c> or <c>Unknown</c>.</summary>
    public string Phase { get; } = tree.Map("status")?.Text("phase") ?? "Pending";

    /// <summary>
    /// The names of the claims it uses, in order: those it names, and those of its generic ephemeral volumes, which are called
    /// <c>pod-volume</c> (<c>k8s.io/component-helpers/storage/ephemeral</c>).
    /// </summary>
    public IReadOnlyList<string> ClaimNames => _claimNames ??= [.. ReadClaimNames()];

    private IEnumerable<string> ReadClaimNames()
    {
        foreach (var volume in _spec.List("volumes")?.Maps() ?? [])
        {
            if (volume.Map("persistentVolumeClaim")?.Text("claimName") is { } named)
            {
                yield return named;
            }
            else if (volume.Map("ephemeral") is not null)
            {
                yield return Name + "-" + volume.Text("name");
            }
        }
    }
}
