using System.Diagnostics.Metrics;
using LocalPv.Core.Outcomes;

namespace LocalPv.Hosting.Telemetry;

/// <summary>
/// What LocalPv's processes measure. Names follow OpenTelemetry (dots, a unit beside); on the Prometheus page a dot is an underscore and
/// the unit part of the name. docs/reference/metrics.md lists them; names and labels are never given another meaning.
/// </summary>
public sealed class LocalPvMetrics : IDisposable
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "LocalPv";

    private readonly Meter _meter = new(MeterName);
    private readonly Histogram<double> _extenderCall;
    private readonly Histogram<double> _provisioning;
    private readonly Histogram<double> _lvmCommand;
    private readonly Histogram<double> _storageRequest;
    private readonly Histogram<double> _apiRequest;
    private readonly Histogram<double> _watchLag;
    private readonly Counter<long> _reschedules;
    private readonly Counter<long> _watchEnds;

    /// <summary>Instruments that nobody has used yet.</summary>
    public LocalPvMetrics()
    {
        _extenderCall = Seconds("localpv.extender.call.duration", "How long the extender took for a call of the scheduler.");
        _provisioning = Seconds(
            "localpv.provisioning.duration", "From the moment the agent saw that a claim selects its node, to its volume or its return.");
        _lvmCommand = Seconds("localpv.lvm.command.duration", "How long each command of lvm2 took.");
        _storageRequest = Seconds("localpv.storage.request.duration", "How long each scan or change of the node's storage took.");
        _apiRequest = Seconds("localpv.api.request.duration", "How long each request to the API server took.");
        _watchLag = Seconds("localpv.watch.lag", "How long a watch event waited in this process until the agent took it in.");
        _reschedules = _meter.CreateCounter<long>(
            "localpv.reschedules", null, "Claims given back to the scheduler, by the reason that the claim carries.");
        _watchEnds = _meter.CreateCounter<long>("localpv.watch.ends", null, "Watches that ended, by how they ended.");
    }

    /// <summary>Adds figures that are looked up whenever somebody wants to know.</summary>
    public void Observe<T>(string name, string? unit, string description, Func<IEnumerable<Measurement<T>>> look)
        where T : struct => _meter.CreateObservableGauge(name, look, unit, description);

    /// <summary>The scheduler was answered.</summary>
    public void ExtenderCalled(string verb, int status, TimeSpan took) =>
        _extenderCall.Record(took.TotalSeconds, new("verb", verb), new("status", status));

    /// <summary>A claim got its volume, or was given back.</summary>
    public void Provisioned(string result, TimeSpan took) => _provisioning.Record(took.TotalSeconds, new KeyValuePair<string, object?>(
        "result", result));

    /// <summary>A command of lvm2 ended.</summary>
    public void LvmCommandEnded(string command, TimeSpan took, bool succeeded) =>
        _lvmCommand.Record(took.TotalSeconds, new("command", command), new("result", succeeded ? "done" : "failed"));

    /// <summary>A request to the node's storage ended.</summary>
    public void StorageAsked(string request, OutcomeKind kind, TimeSpan took) =>
        _storageRequest.Record(took.TotalSeconds, new("request", request), new("result", kind.ToString()));

    /// <summary>A request to the API server ended.</summary>
    public void ApiAsked(string verb, string resource, OutcomeKind kind, TimeSpan took) =>
        _apiRequest.Record(took.TotalSeconds, new("verb", verb), new("resource", resource), new("result", kind.ToString()));

    /// <summary>A watch event was taken in after a wait.</summary>
    public void WatchEventTaken(TimeSpan waited) => _watchLag.Record(waited.TotalSeconds);

    /// <summary>A claim was given back to the scheduler.</summary>
    public void Rescheduled(string reason) => _reschedules.Add(1, new KeyValuePair<string, object?>("reason", reason));

    /// <summary>A watch ended.</summary>
    public void WatchEnded(string resource, OutcomeKind kind) =>
        _watchEnds.Add(1, new("resource", resource), new("result", kind.ToString()));

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private Histogram<double> Seconds(string name, string description) => _meter.CreateHistogram<double>(name, "s", description);
}
