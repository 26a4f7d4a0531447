using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using LocalPv.Core.Agents;
using LocalPv.Hosting.Telemetry;
using LocalPv.Hosting.Workers;

namespace LocalPv.Hosting.Health;

/// <summary>What a node's agent says of itself and of its volume groups.</summary>
public sealed class NodeState : ServiceState
{
    private readonly NodeAgent _agent;
    private volatile Looked _looked = new([], new NodeAgentFigures(false, 0, 0, 0, 0, 0, 0, 0, 0));

    /// <summary>The state of an agent; its figures are added to the metrics.</summary>
    public NodeState(NodeAgent agent, AgentWorker worker, LocalPvMetrics metrics)
        : base(worker, metrics)
    {
        _agent = agent;
        var node = new KeyValuePair<string, object?>("node", agent.Options.Node.Value);
        IEnumerable<Measurement<long>> Each(Func<VolumeGroupFigures, long> of) => _looked.Groups.Select(group =>
            new Measurement<long>(of(group), node, new KeyValuePair<string, object?>("volume_group", group.Group.Value)));
        IEnumerable<Measurement<long>> One(long value) => [new Measurement<long>(value, node)];
        metrics.Observe("localpv.volume_group.capacity", "By", "The size of the volume group.", () => Each(group => group.Capacity.Value));
        metrics.Observe("localpv.volume_group.free", "By", "What lies in no logical volume.", () => Each(group => group.Free.Value));
        metrics.Observe(
            "localpv.volumes.wanted", null, "Logical volumes that a claim or PersistentVolume asks for.",
            () => Each(group => group.Wanted));
        metrics.Observe("localpv.volumes.present", null, "Those of them that are there.", () => Each(group => group.Present));
        metrics.Observe(
            "localpv.volumes.surplus", null, "Logical volumes of LocalPv that nobody asks for: orphans, and what Retain has kept.",
            () => Each(group => group.Surplus));
        metrics.Observe(
            "localpv.volumes.foreign", null, "Logical volumes in LocalPv's volume groups that are not LocalPv's.",
            () => Each(group => group.Foreign));
        metrics.Observe(
            "localpv.orphans.removed", null, "Orphans that were removed since the start.", () => One(_looked.Figures.OrphansRemoved));
        metrics.Observe("localpv.scans", null, "Successful scans of the node since the start.", () => One(_looked.Figures.Scans));
        metrics.Observe(
            "localpv.scan.failures", null, "Failed scans in a row; 0 after a success.", () => One(_looked.Figures.ScanFailures));
    }

    /// <inheritdoc/>
    protected override ImmutableArray<HealthCheck> Look()
    {
        _looked = new Looked(_agent.GroupFigures(), _agent.Figures);
        return [new("synced", _agent.WaitsFor)];
    }

    private sealed record Looked(ImmutableArray<VolumeGroupFigures> Groups, NodeAgentFigures Figures);
}
