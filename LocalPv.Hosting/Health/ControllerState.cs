using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using LocalPv.Core.Agents;
using LocalPv.Hosting.Telemetry;
using LocalPv.Hosting.Workers;

namespace LocalPv.Hosting.Health;

/// <summary>What a controller says of itself. One that is not elected is ready too: it waits for its turn.</summary>
public sealed class ControllerState : ServiceState
{
    private readonly ClusterAgent _agent;
    private volatile bool _leads;

    /// <summary>The state of a controller.</summary>
    public ControllerState(ClusterAgent agent, AgentWorker worker, LocalPvMetrics metrics)
        : base(worker, metrics)
    {
        _agent = agent;
        metrics.Observe<int>("localpv.leader", null, "1 in the controller that is elected.", () => [new Measurement<int>(_leads ? 1 : 0)]);
    }

    /// <inheritdoc/>
    protected override ImmutableArray<HealthCheck> Look()
    {
        _leads = _agent.IsLeader;
        return [new("synced", _agent.WaitsFor)];
    }
}
