using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Controllers.Machinery;

/// <summary>What controllers ask of a Pod's status.</summary>
internal static class PodConditions
{
    internal static bool Has(this Pod pod, string condition) =>
        (pod.Tree.At("status", "conditions") as JsonList)?.Maps()
        .Any(known => known.Text("type") == condition && known.Text("status") == "True") ?? false;

    /// <summary>Whether its containers run and are ready.</summary>
    internal static bool IsRunningAndReady(this Pod pod) => pod.Phase == "Running" && pod.Has("Ready");

    /// <summary>Whether its containers have ended for good.</summary>
    internal static bool HasEnded(this Pod pod) => pod.Phase is "Succeeded" or "Failed";
}
