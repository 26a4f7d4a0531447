using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Controllers.Nodes;

/// <summary>The condition that says of a Pod why somebody else ends it.</summary>
internal static class Disruption
{
    /// <summary>Sets the condition, and the phase where one is given.</summary>
    internal static ClusterRequest Mark(Instant now, Pod pod, string reason, string message, string? phase = null)
    {
        var others = ((pod.Tree.At("status", "conditions") as JsonList)?.Items ?? [])
            .Where(one => (one as JsonMap)?.Text("type") != "DisruptionTarget");
        var condition = JsonMap.Of(
            ("type", "DisruptionTarget"),
            ("status", "True"),
            ("lastTransitionTime", now.ToRfc3339()),
            ("reason", reason),
            ("message", message));
        var status = JsonMap.Of(("conditions", new JsonList([.. others, condition])));
        return new ClusterRequest.Patch(
            ResourceTypes.Pods, pod.Key, JsonMap.Of(("status", phase is null ? status : status.With("phase", phase))), "status");
    }
}
