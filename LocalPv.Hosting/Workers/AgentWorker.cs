using System.Collections.Immutable;
using System.Threading.Channels;
using LocalPv.Core.Agents;
using LocalPv.Core.Units;
using Microsoft.Extensions.Logging;

namespace LocalPv.Hosting.Workers;

/// <summary>
/// Drives one agent in real time: events queue up and are taken in one at a time; effects run beside, a bounded number at once; the
/// alarm is a timer. An exception of the agent or of an effect is a bug: <see cref="RunAsync"/> ends with it.
/// </summary>
/// <remarks>
/// Answers to effects are always accepted: they are as many as the effects that run. Watch signals have a budget; without it left, the
/// watch's own thread waits, and the connection with it.
/// </remarks>
public sealed class AgentWorker : IDisposable
{
    private readonly IAgent _agent;
    private readonly IEffectRunner _effects;
    private readonly AgentClock _clock;
    private readonly TimeProvider _time;
    private readonly AgentWorkerOptions _options;
    private readonly ILogger _log;
    private readonly TurnQueue<Queued> _events;
    private readonly CallLanes _calls;
    private readonly Channel<Effect> _watches = Channel.CreateUnbounded<Effect>(new() { SingleWriter = true, SingleReader = true });
    private readonly SemaphoreSlim _watchBudget;
    private readonly CancellationTokenSource _stop = new();
    private readonly SortedSet<long> _openWatches = [];
    private readonly TaskCompletionSource _bug = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ITimer? _timer;
    private Instant _alarm = Instant.Never;

    /// <summary>A worker of <paramref name="agent"/>, called <paramref name="name"/> in logs and messages.</summary>
    public AgentWorker(
        string name, IAgent agent, IEffectRunner effects, AgentClock clock, TimeProvider time, AgentWorkerOptions options, ILogger log)
    {
        Name = name;
        _agent = agent;
        _effects = effects;
        _clock = clock;
        _time = time;
        _options = options;
        _log = log;
        _watchBudget = new SemaphoreSlim(options.WatchSignalsWaitingMax, options.WatchSignalsWaitingMax);
        _events = new TurnQueue<Queued>(Take, bug => _bug.TrySetException(bug));
        _calls = new CallLanes(
            options.EffectsInFlightMax,
            (effect, stopping) => _effects.RunAsync(effect, Deliver, stopping),
            bug => _bug.TrySetException(bug),
            _stop.Token);
        Deliver(new AgentEvent.Started());
    }

    /// <summary>Who works here.</summary>
    public string Name { get; }

    /// <summary>
    /// Told of every step: when, what happened, what is to be done. Called on the agent's own turn, so it must be quick. Set before
    /// <see cref="RunAsync"/>.
    /// </summary>
    public Action<Instant, AgentEvent, ImmutableArray<Effect>>? Observer { get; init; }

    /// <summary>Told how long each event has waited for the agent. As quick as <see cref="Observer"/>.</summary>
    public Action<AgentEvent, TimeSpan>? Waited { get; init; }

    /// <summary>See <see cref="AgentClock.WallClockSet"/>.</summary>
    public TimeSpan WallClockSet => _clock.WallClockSet;

    /// <summary>Events that wait for the agent. Any thread.</summary>
    public int EventsWaiting => _events.Count;

    /// <summary>Effects that wait for their turn. Any thread.</summary>
    public int EffectsWaiting => _calls.Waiting;

    /// <summary>Effects under way. Any thread.</summary>
    public int EffectsRunning => _calls.Running;

    /// <summary>
    /// Asks something of the agent on its own turn: between two events, after those that wait already. Any thread. An answer also says
    /// that the worker is alive; without one the wait ends with <paramref name="cancellationToken"/>.
    /// </summary>
    public Task<T> AskAsync<T>(Func<T> question, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Deliver(new Question(() => answer.TrySetResult(question())));
        return answer.Task.WaitAsync(cancellationToken);
    }

    /// <summary>
    /// Runs until <paramref name="cancellationToken"/> is cancelled (then ends normally) or there is a bug (then throws). Call once.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var asked = cancellationToken.UnsafeRegister(static stop => ((CancellationTokenSource)stop!).Cancel(), _stop);
        var timer = _time.CreateTimer(
            _ => Deliver(new AgentEvent.Woke()), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        await using var disposeTimer = timer.ConfigureAwait(false);
        _timer = timer;
        var watches = RunWatchesAsync(_stop.Token);
        _events.Open();

        // The first to end decides: by the stop that was asked for, or by a bug. Any end that nobody asked for is one: a worker that has
        // ended quietly would look alive.
        var first = await Task.WhenAny(_bug.Task, watches).ConfigureAwait(false);
        var isAsked = _stop.IsCancellationRequested;
        await _stop.CancelAsync().ConfigureAwait(false);
        var lastTurn = _bug.Task.IsCompleted ? Task.CompletedTask : AskAsync(() => true, CancellationToken.None);
        var all = Task.WhenAll(watches, lastTurn, _calls.CloseAsync());
        await all.WaitAsync(_options.StopGrace, _time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (all.IsCompleted)
        {
            WorkerLog.Stopped(_log, Name);
        }
        else
        {
            WorkerLog.StoppedWithEffectsRunning(_log, Name, _options.StopGrace);
        }

        await CloseWatchesAsync().ConfigureAwait(false);
        var bug = first.Exception?.InnerException;
        if (!isAsked || bug is not (null or OperationCanceledException))
        {
            throw new InvalidOperationException($"Bug in {Name}: {bug?.Message ?? "it ended, and nobody had asked for it."}", bug);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        _watchBudget.Dispose();
        _stop.Dispose();
    }

    private void Take(Queued queued)
    {
        var (happened, since) = queued;
        if (happened is Question question)
        {
            question.Answer();
            return;
        }

        if (_stop.IsCancellationRequested)
        {
            return;
        }

        Waited?.Invoke(happened, _time.GetElapsedTime(since));
        switch (happened)
        {
            case AgentEvent.Woke when _clock.Now < _alarm:
                // The alarm was moved after this one had rung, or the timer is a little early.
                Arm();
                return;
            case AgentEvent.Woke:
                _alarm = Instant.Never;
                break;
            case AgentEvent.WatchDelivered:
                _watchBudget.Release();
                break;
            default:
                break;
        }

        Step(happened);
    }

    private void Step(AgentEvent happened)
    {
        var now = _clock.Now;
        var effects = _agent.Step(now, happened);
        Observer?.Invoke(now, happened, effects);
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case Effect.WakeAt wake:
                    _alarm = wake.Moment;
                    Arm();
                    break;
                case Effect.OpenWatch or Effect.CloseWatch:
                    _watches.Writer.TryWrite(effect);
                    break;
                default:
                    _calls.Put(effect);
                    break;
            }
        }

        if (_calls.Waiting > _options.EffectsWaitingMax)
        {
            throw new InvalidOperationException($"{_calls.Waiting} effects wait; an agent bounds its own calls far below.");
        }
    }

    private void Arm()
    {
        if (_alarm == Instant.Never)
        {
            _timer!.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return;
        }

        // Timers know about 49 days at most; one that rings early is armed again. Rounded up to a millisecond, the timer's grain.
        var wait = _alarm - _clock.Now;
        var bounded = wait < TimeSpan.Zero ? TimeSpan.Zero : wait > TimeSpan.FromHours(1) ? TimeSpan.FromHours(1) : wait;
        _timer!.Change(TimeSpan.FromMilliseconds(Math.Ceiling(bounded.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
    }

    // Watches are opened and closed in the agent's order, by one task, and never on the agent's turn.
    private async Task RunWatchesAsync(CancellationToken token)
    {
        await foreach (var effect in _watches.Reader.ReadAllAsync(token).ConfigureAwait(false))
        {
            await _effects.RunAsync(effect, happened => DeliverFromWatch(happened, token), token).ConfigureAwait(false);
            if (effect is Effect.OpenWatch open)
            {
                _openWatches.Add(open.Watch);
            }
            else if (effect is Effect.CloseWatch close)
            {
                _openWatches.Remove(close.Watch);
            }
        }
    }

    private void Deliver(AgentEvent happened) => _events.Put(new Queued(happened, _time.GetTimestamp()));

    private void DeliverFromWatch(AgentEvent happened, CancellationToken token)
    {
        if (happened is AgentEvent.WatchDelivered)
        {
            try
            {
                _watchBudget.Wait(token);
            }
            catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }

        Deliver(happened);
    }

    private async Task CloseWatchesAsync()
    {
        foreach (var watch in _openWatches)
        {
            await _effects.RunAsync(new Effect.CloseWatch(watch), Deliver, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private readonly record struct Queued(AgentEvent Happened, long Since);

    private sealed record Question(Action Answer) : AgentEvent;
}
