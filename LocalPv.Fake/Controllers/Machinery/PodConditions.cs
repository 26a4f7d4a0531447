using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Controllers.Machinery;

/// <summary>What controllers ask of a Pod's status.</summary>
public static class PodConditions
{
    /// <summary>Whether a condition of this type holds.</summary>
    public static bool Has(this Pod pod, string condition) =>
        (pod.Tree.At("status", "conditions") as JsonList)?.Maps()
        .Any(known => known.Text("type") == condition && known.Text("status") == "True") ?? false;

    /// <summary>Whether its containers run and are ready.</summary>
    public static bool IsRunningAndReady(this Pod pod) => pod.Phase == "Running" && pod.Has("Ready");

    /// <summary>Whether its containers have ended for good.</summary>
    public static bool HasEnded(this Pod pod) => pod.Phase is "Succeeded" or "Failed";
}
