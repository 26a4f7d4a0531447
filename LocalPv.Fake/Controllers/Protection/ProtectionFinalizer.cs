using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Fake.Controllers.Machinery;

namespace LocalPv.Fake.Controllers.Protection;

/// <summary>The finalizer that keeps storage objects while they are used.</summary>
internal static class ProtectionFinalizer
{
    internal static Backoff Retry { get; } = new(TimeSpan.FromMilliseconds(5), TimeSpan.FromSeconds(1000));

    /// <summary>Whether the object is being deleted and has the finalizer, or lives and lacks it.</summary>
    internal static bool NeedsWork(KubernetesObject kept, string finalizer) => kept.IsBeingDeleted == kept.HasFinalizer(finalizer);

    /// <summary>
    /// Takes the finalizer away from what is being deleted, and gives it to what lives; refused where the object has changed.
    /// </summary>
    internal static ClusterCall Write(KubernetesObject kept, string finalizer)
    {
        var finalizers = kept.IsBeingDeleted
            ? kept.Finalizers.Where(other => other != finalizer).ToArray()
            : [.. kept.Finalizers, finalizer];
        return new ClusterCall(new ClusterRequest.Replace(
            kept.Type,
            kept.Key,
            kept.Tree.WithAt(["metadata", "finalizers"], finalizers.Length > 0 ? JsonList.OfTexts(finalizers) : null)));
    }
}
