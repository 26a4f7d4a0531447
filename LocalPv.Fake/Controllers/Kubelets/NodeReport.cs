using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Controllers.Kubelets;

/// <summary>What a kubelet says of its node.</summary>
internal sealed class NodeReport(KubeletOptions options)
{
    private const int LeaseSeconds = 40;

    /// <summary>The node's labels as the kubelet sets them.</summary>
    internal JsonMap Labels { get; } = JsonMap.OfTexts(options.Labels
        .SetItem(WellKnown.HostNameLabel, options.HostName ?? options.NodeName.Value)
        .SetItem("kubernetes.io/os", "linux")
        .SetItem("kubernetes.io/arch", "amd64"));

    /// <summary>The Node object to register.</summary>
    internal JsonMap Node() => JsonMap.Of(
        ("apiVersion", "v1"),
        ("kind", "Node"),
        ("metadata", JsonMap.Of(("name", options.NodeName.Value), ("labels", Labels))),
        ("spec", JsonMap.Empty));

    /// <summary>The Node's status: ready.</summary>
    internal JsonMap Status(Node? known, Instant now)
    {
        var capacity = JsonMap.OfTexts(options.Capacity);
        return JsonMap.Of(
            ("capacity", capacity),
            ("allocatable", capacity),
            ("conditions", JsonList.Of(
                Condition(known, "MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available", now),
                Condition(known, "DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure", now),
                Condition(known, "PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available", now),
                Condition(known, "Ready", "True", "KubeletReady", "kubelet is posting ready status", now))),
            ("addresses", JsonList.Of(
                JsonMap.Of(("type", "InternalIP"), ("address", options.Address)),
                JsonMap.Of(("type", "Hostname"), ("address", options.HostName ?? options.NodeName.Value)))),
            ("nodeInfo", JsonMap.Of(
                ("architecture", "amd64"), ("operatingSystem", "linux"), ("kubeletVersion", "v1.36.2"), ("kubeProxyVersion", ""),
                ("containerRuntimeVersion", "fake://1.0.0"), ("osImage", "Fake"), ("kernelVersion", "0.0.0"),
                ("bootID", ""), ("machineID", options.NodeName.Value), ("systemUUID", options.Machine ?? options.NodeName.Value))));
    }

    /// <summary>Whether the API server says of the node that it is ready.</summary>
    internal static bool IsReady(Node node) => Find(node, "Ready")?.Text("status") == "True";

    /// <summary>The node's Lease; <paramref name="known"/> is the one to renew.</summary>
    internal JsonMap Lease(KubernetesObject? known, Node? node, Instant now)
    {
        var tree = known?.Tree ?? JsonMap.Of(
            ("apiVersion", "coordination.k8s.io/v1"),
            ("kind", "Lease"),
            ("metadata", JsonMap.Of(
                ("name", options.NodeName.Value),
                ("namespace", LeaseNamespace),
                ("ownerReferences", node is null ? null : JsonList.Of(JsonMap.Of(
                    ("apiVersion", "v1"), ("kind", "Node"), ("name", node.Name), ("uid", node.Uid)))))));
        return tree.With("spec", JsonMap.Of(
            ("holderIdentity", options.NodeName.Value),
            ("leaseDurationSeconds", LeaseSeconds),
            ("renewTime", now.ToRfc3339Micro())));
    }

    internal const string LeaseNamespace = "kube-node-lease";

    private static JsonMap Condition(Node? known, string type, string status, string reason, string message, Instant now)
    {
        var before = known is null ? null : Find(known, type);
        return JsonMap.Of(
            ("type", type),
            ("status", status),
            ("lastHeartbeatTime", now.ToRfc3339()),
            ("lastTransitionTime", before?.Text("status") == status ? before["lastTransitionTime"] : now.ToRfc3339()),
            ("reason", reason),
            ("message", message));
    }

    private static JsonMap? Find(Node node, string type) =>
        (node.Tree.At("status", "conditions") as JsonList)?.Maps().FirstOrDefault(condition => condition.Text("type") == type);
}
