using LocalPv.Core.Disks;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Units;

namespace LocalPv.Core.Kubernetes;

/// <summary>
/// What one class owns on one node, and what is there: the wish in <c>spec</c>, the report of the node's agent in <c>status</c>.
/// Cluster-scoped, named <c>class.node</c>.
/// </summary>
public sealed class NodeLocalStorage(JsonMap tree) : KubernetesObject(ResourceTypes.NodeLocalStorages, tree)
{
    private NodeLocalStorageStatus? _report;
    private Outcome<NodeLocalStorageSpec>? _wish;
    private Bytes? _largestVolume;

    /// <summary>The wish.</summary>
    public JsonMap Spec { get; } = tree.Map("spec") ?? JsonMap.Empty;

    /// <summary>The report.</summary>
    public JsonMap Status { get; } = tree.Map("status") ?? JsonMap.Empty;

    /// <summary><see cref="Spec"/> as it is understood; read once, since many look at the same version of the object.</summary>
    public Outcome<NodeLocalStorageSpec> Wish => _wish ??= NodeLocalStorageSpec.Read(Spec);

    /// <summary><see cref="Status"/> as it is understood; read once, since many look at the same version of the object.</summary>
    public NodeLocalStorageStatus Report => _report ??= NodeLocalStorageStatus.Read(Status);

    /// <summary>
    /// The size of the largest claim that the report has room for: without the reserve, less what its layout costs, on disks that have it.
    /// None where the report has no group, or the wish cannot be read.
    /// </summary>
    internal Bytes LargestVolume => _largestVolume ??= ReadLargestVolume();

    /// <summary>The class.</summary>
    public string StorageClassName => Spec.Text("storageClassName") ?? "";

    /// <summary>The node.</summary>
    public string NodeName { get; } = tree.Map("spec")?.Text("nodeName") ?? "";

    /// <summary><c>Pending</c>, <c>Ready</c>, <c>Degraded</c>, <c>Failed</c> or <c>Terminating</c>.</summary>
    public string Phase => Status.Text("phase") ?? "Pending";

    /// <summary>Which scan of the node the report is of; only grows. 0 before the first report.</summary>
    public long ScanSequence => Report.ScanSequence;

    private Bytes ReadLargestVolume()
    {
        if (Report.VolumeGroup is not { ExtentSize: var size } || !Wish.TryGetValue(out var wish))
        {
            return Bytes.Zero;
        }

        var room = size.WholeExtentsIn(Report.Free).SubtractToZero(size.ExtentsToHold(wish.Reserve));
        return size.SizeOf(VolumeGroups.LargestVolume.In(wish.Layout, size, room, Report.FreeByDisk(size).AsSpan()));
    }
}
