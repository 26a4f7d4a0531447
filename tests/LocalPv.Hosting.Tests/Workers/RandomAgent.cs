using System.Collections.Immutable;
using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;

namespace LocalPv.Hosting.Tests.Workers;

/// <summary>An agent that does what its test says.</summary>
internal sealed class ScriptedAgent(Func<Instant, AgentEvent, ImmutableArray<Effect>> step) : IAgent
{
    public ImmutableArray<Effect> Step(Instant now, AgentEvent happened) => step(now, happened);
}

/// <summary>A runner that does what its test says.</summary>
internal sealed class ScriptedRunner(Func<Effect, Action<AgentEvent>, CancellationToken, Task> run) : IEffectRunner
{
    public ValueTask RunAsync(Effect effect, Action<AgentEvent> deliver, CancellationToken cancellationToken) =>
        new(run(effect, deliver, cancellationToken));
}

/// <summary>Asks questions at random, sets alarms at random, and notes whatever its driver does wrong.</summary>
internal sealed class RandomAgent(int seed) : IAgent
{
    private const int Questions = 400;

    private readonly Random _random = new(seed);
    private readonly HashSet<long> _open = [];
    private readonly CallNumbers _numbers = new();
    private int _inside;
    private int _asked;
    private Instant _last;
    private Instant _alarm = Instant.Never;

    public TaskCompletionSource Finished { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Complaint { get; private set; } = "";

    public int Unanswered => _open.Count;

    public ImmutableArray<Effect> Step(Instant now, AgentEvent happened)
    {
        if (Interlocked.Increment(ref _inside) != 1)
        {
            Complaint = "stepped twice at once";
        }

        Complaint = now < _last ? "time went back" : Complaint;
        _last = now;
        switch (happened)
        {
            case AgentEvent.ClusterAnswered answered when !_open.Remove(answered.Call):
                Complaint = $"call {answered.Call} answered twice or never asked";
                break;
            case AgentEvent.Woke when now < _alarm:
                Complaint = $"woken at {now} before {_alarm}";
                break;
            case AgentEvent.Woke:
                _alarm = Instant.Never;
                break;
            default:
                break;
        }

        var effects = Decide(now);
        if (_asked >= Questions && _open.Count == 0)
        {
            Finished.TrySetResult();
        }

        Interlocked.Decrement(ref _inside);
        return effects;
    }

    private ImmutableArray<Effect> Decide(Instant now)
    {
        var effects = ImmutableArray.CreateBuilder<Effect>();
        for (var i = _random.Next(0, 8); i > 0 && _asked < Questions; i--)
        {
            var call = _numbers.Next();
            _open.Add(call);
            _asked++;
            effects.Add(new Effect.CallCluster(
                call, new ClusterRequest.Get(ResourceTypes.Pods, new ObjectKey("n", "p")), TimeSpan.FromMilliseconds(_random.Next(1, 20))));
        }

        if (_asked < Questions && (_alarm == Instant.Never || _random.Next(4) == 0))
        {
            _alarm = now + TimeSpan.FromMilliseconds(_random.Next(-1, 10));
            effects.Add(new Effect.WakeAt(_alarm));
        }

        return effects.ToImmutable();
    }
}

/// <summary>Answers at once, later, twice or never, and counts how many questions it has at once.</summary>
internal sealed class RandomRunner(int seed) : IEffectRunner
{
    private readonly Random _random = new(seed);
    private readonly Lock _gate = new();
    private readonly List<CancellationToken> _running = [];

    public int MostAtOnce { get; private set; }

    public async ValueTask RunAsync(Effect effect, Action<AgentEvent> deliver, CancellationToken cancellationToken)
    {
        int choice, wait;
        lock (_gate)
        {
            (choice, wait) = (_random.Next(10), _random.Next(0, 15));
            // One that was given up has been answered for, and does not count while it ends.
            _running.RemoveAll(token => token.IsCancellationRequested);
            _running.Add(cancellationToken);
            MostAtOnce = Math.Max(MostAtOnce, _running.Count);
        }

        try
        {
            await Task.Yield();
            if (choice > 2)
            {
                await Task.Delay(wait, choice == 3 ? CancellationToken.None : cancellationToken);
            }

            if (choice == 4)
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            var call = (Effect.CallCluster)effect;
            deliver(new AgentEvent.ClusterAnswered(call.Call, call.Request, Outcome.Done(ClusterAnswer.Of(null))));
            if (choice == 5)
            {
                deliver(new AgentEvent.ClusterAnswered(call.Call, call.Request, Outcome.Done(ClusterAnswer.Of(null))));
            }
        }
        finally
        {
            lock (_gate)
            {
                _running.Remove(cancellationToken);
            }
        }
    }
}
