using System.Collections.Immutable;
using System.Diagnostics;
using LocalPv.Core.Agents;
using LocalPv.Core.Units;

namespace LocalPv.Sim.Engine;

/// <summary>
/// A process of the simulated cluster: drives one agent as the production driver does, in virtual time. A crash loses the agent and every
/// answer on its way; requests that were sent still take effect.
/// </summary>
public sealed class SimulatedProcess
{
    private readonly EventLoop _loop;
    private readonly Trace _trace;
    private readonly Latencies _latencies;
    private readonly KeyedRandom _random;
    private readonly Func<IAgent> _makeAgent;
    private readonly Func<IEffectRunner> _makeRunner;
    private IAgent? _agent;
    private IEffectRunner? _runner;
    private Instant _alarm = Instant.Never;
    private long _draws;

    /// <summary>A process that is not running yet.</summary>
    public SimulatedProcess(
        string name,
        EventLoop loop,
        Trace trace,
        Latencies latencies,
        KeyedRandom random,
        Func<IAgent> makeAgent,
        Func<IEffectRunner> makeRunner)
    {
        Name = name;
        _loop = loop;
        _trace = trace;
        _latencies = latencies;
        _random = random.For(name);
        _makeAgent = makeAgent;
        _makeRunner = makeRunner;
    }

    /// <summary>Who it is, in traces and scenarios.</summary>
    public string Name { get; }

    /// <summary>How often it was started.</summary>
    public int Incarnation { get; private set; }

    /// <summary>How many events its agents have taken in.</summary>
    public long Steps { get; private set; }

    /// <summary>The agent that runs, or null while the process is down.</summary>
    public IAgent? Agent => _agent;

    /// <summary>Starts the process with a new agent that knows nothing. A running one is left as it is.</summary>
    public void Start()
    {
        if (_agent is not null)
        {
            return;
        }

        Incarnation++;
        _agent = _makeAgent();
        _runner = _makeRunner();
        _loop.Schedule(_loop.Now, new Delivery(this, Incarnation, new AgentEvent.Started()));
    }

    /// <summary>Ends the process without warning.</summary>
    public void Crash()
    {
        _agent = null;
        (_runner as IDisposable)?.Dispose();
        _runner = null;
        _alarm = Instant.Never;
    }

    private void Deliver(int incarnation, AgentEvent happened)
    {
        if (incarnation != Incarnation || _agent is null)
        {
            return;
        }

        if (happened is AgentEvent.Woke)
        {
            if (_loop.Now < _alarm)
            {
                return;
            }

            _alarm = Instant.Never;
        }

        Steps++;
        TraceText.Write(_trace, _loop, Name, happened);
        Carry(_agent.Step(_loop.Now, happened));
    }

    private void Carry(ImmutableArray<Effect> effects)
    {
        foreach (var effect in effects)
        {
            if (effect is Effect.WakeAt wake)
            {
                SetAlarm(wake.Moment);
                continue;
            }

            TraceText.Write(_trace, _loop, Name, effect);
            var (there, back) = _latencies.Of(effect, _random, _draws++);
            var question = new Question(this, Incarnation, effect, _runner!, back);
            _loop.ScheduleAfter(there, question);
            if (EffectTimeout.LimitOf(effect) is { } limit && there + back >= limit)
            {
                question.TimedOut = true;
                _loop.ScheduleAfter(limit, new Delivery(this, Incarnation, EffectTimeout.Answer(effect)!));
            }
        }
    }

    private void SetAlarm(Instant moment)
    {
        if (moment == _alarm)
        {
            return;
        }

        _alarm = moment;
        if (moment < Instant.Never)
        {
            _loop.Schedule(moment, new Delivery(this, Incarnation, WokeEvent));
        }
    }

    private static readonly AgentEvent WokeEvent = new AgentEvent.Woke();

    private sealed class Delivery(SimulatedProcess process, int incarnation, AgentEvent happened) : SimulationEvent
    {
        public override void Happen() => process.Deliver(incarnation, happened);
    }

    /// <summary>An effect that arrives where it takes effect. It does so even if its sender has crashed meanwhile.</summary>
    private sealed class Question(SimulatedProcess process, int incarnation, Effect effect, IEffectRunner runner, TimeSpan back)
        : SimulationEvent
    {
        public bool TimedOut { get; set; }

        public override void Happen()
        {
            // A watch belongs to its process's connection: it dies with it.
            if (effect is Effect.OpenWatch or Effect.CloseWatch && incarnation != process.Incarnation)
            {
                return;
            }

            var running = runner.RunAsync(effect, Answer, CancellationToken.None);
            if (!running.IsCompleted)
            {
                throw new UnreachableException($"{effect} did not complete at once: something in the simulated world waits.");
            }

            running.GetAwaiter().GetResult();
        }

        private void Answer(AgentEvent happened)
        {
            if (happened is AgentEvent.WatchDelivered)
            {
                process.Deliver(incarnation, happened);
            }
            else if (!TimedOut)
            {
                process._loop.ScheduleAfter(back, new Delivery(process, incarnation, happened));
            }
        }
    }
}
