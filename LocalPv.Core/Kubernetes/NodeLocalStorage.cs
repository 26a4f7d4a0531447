using LocalPv.Core.Disks;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;

namespace LocalPv.Core.Kubernetes;

/// <summary>
/// What one class owns on one node, and what is there: the wish in <c>spec</c>, the report of the node's agent in <c>status</c>.
/// Cluster-scoped, named <c>class.node</c>.
/// </summary>
public sealed class NodeLocalStorage(JsonMap tree) : KubernetesObject(ResourceTypes.NodeLocalStorages, tree)
{
    private NodeLocalStorageStatus? _report;
    private Outcome<NodeLocalStorageSpec>? _wish;

    /// <summary>The wish.</summary>
    public JsonMap Spec { get; } = tree.Map("spec") ?? JsonMap.Empty;

    /// <summary>The report.</summary>
    public JsonMap Status { get; } = tree.Map("status") ?? JsonMap.Empty;

    /// <summary><see cref="Spec"/> as it is understood; read once, since many look at the same version of the object.</summary>
    public Outcome<NodeLocalStorageSpec> Wish => _wish ??= NodeLocalStorageSpec.Read(Spec);

    /// <summary><see cref="Status"/> as it is understood; read once, since many look at the same version of the object.</summary>
    public NodeLocalStorageStatus Report => _report ??= NodeLocalStorageStatus.Read(Status);

    /// <summary>The class.</summary>
    public string StorageClassName => Spec.Text("storageClassName") ?? "";

    /// <summary>The node.</summary>
    public string NodeName { get; } = tree.Map("spec")?.Text("nodeName") ?? "";

    /// <summary><c>Pending</c>, <c>Ready</c>, <c>Degraded</c>, <c>Failed</c> or <c>Terminating</c>.</summary>
    public string Phase => Status.Text("phase") ?? "Pending";

    /// <summary>Which scan of the node the report is of; only grows. 0 before the first report.</summary>
    public long ScanSequence => Report.ScanSequence;
}
