using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using LocalPv.Core.Agents;
using LocalPv.Core.Capacity;
using LocalPv.Hosting.Telemetry;
using LocalPv.Hosting.Workers;

namespace LocalPv.Hosting.Health;

/// <summary>What an extender says of itself and of what it has promised.</summary>
public sealed class ExtenderState : ServiceState
{
    // A quiet watch is opened anew after its silence limit, after a wait where that fails, and then brings a bookmark within a minute.
    private static readonly TimeSpan BookmarkPeriod = TimeSpan.FromMinutes(1);

    private readonly ExtenderAgent _agent;
    private readonly AgentTelemetry _telemetry;
    private readonly TimeSpan _silenceMax;
    private readonly Func<string> _certificate;
    private volatile IReadOnlyList<PromiseFigures> _promises = [];

    /// <summary>The state of an extender.</summary>
    /// <param name="agent">The extender.</param>
    /// <param name="worker">What drives it.</param>
    /// <param name="metrics">Gets its figures.</param>
    /// <param name="telemetry">Knows when its watches were last heard of.</param>
    /// <param name="options">Its settings.</param>
    /// <param name="certificate">What is wrong with its certificate; an empty text where nothing is.</param>
    public ExtenderState(
        ExtenderAgent agent,
        AgentWorker worker,
        LocalPvMetrics metrics,
        AgentTelemetry telemetry,
        ExtenderOptions options,
        Func<string> certificate)
        : base(worker, metrics)
    {
        _agent = agent;
        _telemetry = telemetry;
        _silenceMax = options.Reflector.SilenceLimit + options.Reflector.Backoff.Most + BookmarkPeriod;
        _certificate = certificate;
        IEnumerable<Measurement<long>> Each(Func<PromiseFigures, long> of) => _promises.Select(promise => new Measurement<long>(
            of(promise), new("node", promise.Node.Value), new("volume_group", promise.Group.Value)));
        metrics.Observe(
            "localpv.volume_group.promised", "By", "Promised to claims that chose the node and whose volume no report shows yet.",
            () => Each(promise => promise.Promised.Value));
        metrics.Observe(
            "localpv.volume_group.offered", "By", "Offered to claims for which the scheduler has not chosen a node yet.",
            () => Each(promise => promise.Offered.Value));
    }

    /// <inheritdoc/>
    protected override ImmutableArray<HealthCheck> Look()
    {
        _promises = _agent.Promises();
        var watches = _telemetry.LongSilences(_silenceMax);
        return [new("cluster", _agent.WaitsFor), new("watches", watches), new("certificate", _certificate())];
    }
}
