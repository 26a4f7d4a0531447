using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Globalization;
using LocalPv.Hosting.Telemetry;
using LocalPv.Hosting.Workers;

namespace LocalPv.Hosting.Health;

/// <summary>
/// What a process says of itself: whether it lives (its agent answers), whether it is ready (it has seen what it needs), and its figures.
/// Figures of an agent are read on the agent's own turn.
/// </summary>
public abstract class ServiceState
{
    // A step takes microseconds; the longest wait is behind a burst of events. A supervisor restarts what does not answer in this time.
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    // Other machines compare our times by minutes; this one's own deadlines go by a clock that is never set.
    private static readonly TimeSpan ClockSetMax = TimeSpan.FromMinutes(1);

    private readonly AgentWorker _worker;

    /// <summary>The state of what <paramref name="worker"/> drives; its queues become figures.</summary>
    protected ServiceState(AgentWorker worker, LocalPvMetrics metrics)
    {
        _worker = worker;
        metrics.Observe<int>("localpv.queue.depth", null, "What waits in this process, by queue.", () =>
        [
            new(worker.EventsWaiting, new KeyValuePair<string, object?>("queue", "events")),
            new(worker.EffectsWaiting, new KeyValuePair<string, object?>("queue", "effects")),
            new(worker.EffectsRunning, new KeyValuePair<string, object?>("queue", "effects running")),
        ]);
        metrics.Observe<int>(
            "localpv.ready", null, "1 where the process has seen what it needs, as /readyz has it.",
            () => [new Measurement<int>(IsReady ? 1 : 0)]);
    }

    /// <summary>Whether the last look found it ready.</summary>
    public bool IsReady { get; private set; }

    /// <summary>
    /// Whether the agent answers, and still has the machine's time: a process that has not is started again by its supervisor. Any thread.
    /// </summary>
    public async Task<HealthReport> LiveAsync(CancellationToken cancellationToken)
    {
        var answered = await RefreshAsync(cancellationToken).ConfigureAwait(false);
        return new(
        [
            new("agent", answered ? "" : $"it has not taken a turn for {AnswerLimit.TotalSeconds:0} s."),
            new("clock", ClockProblem(_worker.WallClockSet)),
        ]);
    }

    /// <summary>Whether it can do its work. Any thread.</summary>
    public async Task<HealthReport> ReadyAsync(CancellationToken cancellationToken)
    {
        var live = await LiveAsync(cancellationToken).ConfigureAwait(false);
        return live.IsGood ? new([.. live.Checks, .. Checks]) : live;
    }

    /// <summary>Brings the figures up to date; false where the agent did not answer in time.</summary>
    public async Task<bool> RefreshAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerLimit);
        try
        {
            Checks = await _worker.AskAsync(Look, limit.Token).ConfigureAwait(false);
            IsReady = Checks.All(check => check.Problem.Length == 0);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            IsReady = false;
            return false;
        }
    }

    /// <summary>The checks of the last look.</summary>
    protected ImmutableArray<HealthCheck> Checks { get; private set; } = [];

    private static string ClockProblem(TimeSpan set) => set.Duration() <= ClockSetMax ? ""
        : string.Create(
            CultureInfo.InvariantCulture,
            $"the machine's clock was set {(set < TimeSpan.Zero ? "back" : "forward")} by {set.Duration().TotalSeconds:0} s since this "
                + $"process began, which writes the old time into the cluster until it is started again.");

    /// <summary>Looks at the agent, on its turn: keeps its figures, and says what keeps it from being ready.</summary>
    protected abstract ImmutableArray<HealthCheck> Look();
}
