using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Controllers.Nodes;

/// <summary>What a node is said to be.</summary>
internal static class NodeConditions
{
    private static readonly string[] Reported = ["MemoryPressure", "DiskPressure", "PIDPressure", "Ready"];

    internal static JsonMap? Find(Node node, string type) =>
        (node.Tree.At("status", "conditions") as JsonList)?.Maps().FirstOrDefault(condition => condition.Text("type") == type);

    /// <summary>The status of a condition; null where the node has none of this type.</summary>
    internal static string? StatusOf(Node node, string type) => Find(node, type)?.Text("status");

    /// <summary>The node's conditions where its kubelet has not been heard of for too long.</summary>
    internal static JsonList Unknown(Node node, Instant now)
    {
        var others = ((node.Tree.At("status", "conditions") as JsonList)?.Maps() ?? [])
            .Where(condition => !Reported.Contains(condition.Text("type")))
            .Select(condition => (JsonTree)condition);
        return new JsonList([.. others, .. Reported.Select(type => (JsonTree)JsonMap.Of(
            ("type", type),
            ("status", "Unknown"),
            ("lastHeartbeatTime", Find(node, type)?["lastHeartbeatTime"]),
            ("lastTransitionTime", now.ToRfc3339()),
            ("reason", "NodeStatusUnknown"),
            ("message", "Kubelet stopped posting node status.")))]);
    }
}
