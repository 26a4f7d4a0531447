using LocalPv.Core.Kubernetes;

namespace LocalPv.Core.Agents;

/// <summary>
/// A change in what is known of the cluster. <paramref name="Before"/> is null for an object that was not known,
/// <paramref name="After"/> for one that is gone. A relist gives only what differs from what was known.
/// </summary>
public readonly record struct ObjectChange(KubernetesObject? Before, KubernetesObject? After)
{
    /// <summary>The later state that exists.</summary>
    public KubernetesObject Object => After ?? Before!;
}
