using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Controllers.Machinery;

/// <summary>The generic ephemeral volumes of Pods.</summary>
internal static class EphemeralVolumes
{
    /// <summary>Each with the name of its claim, <c>pod-volume</c>, and the claim's template.</summary>
    internal static IEnumerable<(string ClaimName, JsonMap Template)> Of(Pod pod)
    {
        foreach (var volume in (pod.Tree.At("spec", "volumes") as JsonList)?.Maps() ?? [])
        {
            if (volume.At("ephemeral", "volumeClaimTemplate") is JsonMap template)
            {
                yield return (pod.Name + "-" + volume.Text("name"), template);
            }
        }
    }
}
