using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Placement;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;

namespace LocalPv.Benchmarks.Extender;

/// <summary>
/// An extender that has seen a cluster: one class, one volume group on each node, of which every tenth (7, 17, …) is too full for a claim
/// of 10 GiB; and the requests that a scheduler would send.
/// </summary>
public sealed class ExtenderCluster
{
    private const string PodName = "bench-0";

    /// <summary>A cluster with that many nodes, and a Pod with that many claims.</summary>
    public ExtenderCluster(int nodes, int claims)
    {
        Names = [.. Enumerable.Range(0, nodes).Select(number => string.Create(
            CultureInfo.InvariantCulture, $"worker-{number:00000}.fra1.example.com"))];
        Pod = new PodToPlace("default", PodName, "pod-uid", [.. Enumerable.Range(0, claims).Select(ClaimName)]);
        Agent = new ExtenderAgent(new ExtenderOptions());
        Run(new AgentEvent.Started());
    }

    /// <summary>The names of the nodes.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>The Pod.</summary>
    public PodToPlace Pod { get; }

    /// <summary>The extender.</summary>
    public ExtenderAgent Agent { get; }

    /// <summary>A moment; the cluster's own does not go on.</summary>
    public static Instant Now { get; } = Instant.Epoch + TimeSpan.FromDays(20_000);

    /// <summary>The request with the names of the nodes.</summary>
    public byte[] NamesRequest() => Encoding.UTF8.GetBytes(
        $$"""{"Pod":{{PodText()}},"Nodes":null,"NodeNames":["{{string.Join("\",\"", Names)}}"]}""");

    /// <summary>The request with whole nodes of about 8 KB each, as nodes with their managed fields and images are.</summary>
    public byte[] NodesRequest() => Encoding.UTF8.GetBytes(
        $$$"""{"Pod":{{{PodText()}}},"Nodes":{"metadata":{},"items":[{{{string.Join(',', Names.Select(NodeText))}}}]},"NodeNames":null}""");

    private static string ClaimName(int number) => "data-" + number.ToString(CultureInfo.InvariantCulture);

    // In the order in which Go writes a node: its name comes first.
    private static string NodeText(string name)
    {
        var text = new StringBuilder($$"""{"metadata":{"name":"{{name}}","uid":"{{name}}-uid","labels":{""");
        AppendMany(text, 14, number => $"\"label-{number}.example.com/pool\":\"storage-{number}\"");
        text.Append("},\"managedFields\":[{\"manager\":\"kubelet\",\"fieldsV1\":{\"f:status\":{");
        AppendMany(text, 40, number => $"\"k:{{\\\"type\\\":\\\"Condition{number}\\\"}}\":{{\".\":{{}},\"f:lastHeartbeatTime\":{{}}}}");
        text.Append("}}}]},\"spec\":{\"podCIDR\":\"10.0.0.0/24\"},\"status\":{\"images\":[");
        AppendMany(text, 40, number =>
            $"{{\"names\":[\"registry.example.com/team-{number}/service@sha256:{new string('a', 64)}\"],\"sizeBytes\":{number}}}");
        return text.Append("]}}").ToString();
    }

    private static void AppendMany(StringBuilder text, int count, Func<int, string> make) =>
        text.AppendJoin(',', Enumerable.Range(0, count).Select(make));

    private string PodText()
    {
        var volumes = string.Join(',', Pod.ClaimNames.Select(claim =>
            $$$"""{"name":"{{{claim}}}","persistentVolumeClaim":{"claimName":"{{{claim}}}"}}"""));
        return """{"metadata":{"name":"bench-0","namespace":"default","uid":"pod-uid","labels":{"app":"bench"}},"spec":{"volumes":["""
            + volumes
            + """],"containers":[{"name":"db","image":"postgres","resources":{"requests":{"cpu":"1","memory":"4Gi"}}}]}}""";
    }

    private void Run(AgentEvent happened)
    {
        foreach (var effect in Agent.Step(Now, happened))
        {
            if (effect is Effect.CallCluster { Request: ClusterRequest.List list } call)
            {
                ImmutableArray<KubernetesObject> items = [.. Trees(list.Type).Select(tree => KubernetesObject.Read(list.Type, tree))];
                Run(new AgentEvent.ClusterAnswered(call.Call, list, Outcome.Done(new ClusterAnswer(null, items, "100", ""))));
            }
        }
    }

    private IEnumerable<JsonMap> Trees(ResourceType type) => type.Kind switch
    {
        "StorageClass" =>
        [
            JsonMap.Of(
                ("metadata", Metadata("fast", "")),
                ("provisioner", WellKnown.DefaultProvisioner),
                ("volumeBindingMode", "WaitForFirstConsumer")),
        ],
        "NodeLocalStorage" => Names.Select(Storage),
        _ => Pod.ClaimNames.Select(claim => JsonMap.Of(
            ("metadata", Metadata(claim, "default")),
            ("spec", JsonMap.Of(
                ("storageClassName", "fast"),
                ("resources", JsonMap.Of(("requests", JsonMap.Of(("storage", "10Gi"))))))))),
    };

    private static JsonMap Storage(string node, int number) => JsonMap.Of(
        ("metadata", Metadata("fast." + node, "")),
        ("spec", JsonMap.Of(("storageClassName", "fast"), ("nodeName", node))),
        ("status", JsonMap.Of(
            ("phase", "Ready"),
            ("scanSequence", 1),
            ("lastScanTime", Now.ToRfc3339()),
            ("volumeGroup", JsonMap.Of(("name", "fast"), ("uuid", "u"), ("extentSize", "4Mi"))),
            ("capacity", "1Ti"),
            ("free", number % 10 == 7 ? "4Gi" : string.Create(CultureInfo.InvariantCulture, $"{64 + (number * 7919 % 900)}Gi")),
            ("volumes", JsonList.Empty))));

    private static JsonMap Metadata(string name, string space) => JsonMap.Of(
        ("name", name),
        ("namespace", space.Length == 0 ? null : (JsonTree)space),
        ("uid", "uid-" + name),
        ("resourceVersion", "7"));
}
