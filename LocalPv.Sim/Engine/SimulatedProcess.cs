using System.Collections.Immutable;
using System.Diagnostics;
using LocalPv.Core.Agents;
using LocalPv.Core.Units;

namespace LocalPv.Sim.Engine;

/// <summary>
/// A process of the simulated cluster: drives one agent as the production driver does, in virtual time. A crash loses the agent and every
/// answer on its way; requests that were sent still take effect. A paused process takes in nothing until it goes on; then everything
/// that came meanwhile reaches it at once. Its clock may differ from the true one.
/// </summary>
public sealed class SimulatedProcess
{
    // An agent's step asks for fewer effects than this; draws of different steps do not meet.
    private const int EffectsOfOneStep = 32;

    private static readonly AgentEvent WokeEvent = new AgentEvent.Woke();

    private readonly EventLoop _loop;
    private readonly Trace _trace;
    private readonly Latencies _latencies;
    private readonly KeyedRandom _random;
    private readonly Func<IAgent> _makeAgent;
    private readonly Func<IEffectRunner> _makeRunner;
    private readonly ProcessClock _clock = new();
    private readonly List<Delivery> _held = [];
    private IAgent? _agent;
    private IEffectRunner? _runner;
    private Instant _alarm = Instant.Never;

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

    /// <summary>Who it is, in traces and plans.</summary>
    public string Name { get; }

    /// <summary>Whether it is one of LocalPv's own, and none of Kubernetes'.</summary>
    internal bool IsOurs { get; init; }

    /// <summary>How often it was started.</summary>
    public int Incarnation { get; private set; }

    /// <summary>How many events its agents have taken in.</summary>
    public long Steps { get; private set; }

    /// <summary>The agent that runs, or null while the process is down.</summary>
    public IAgent? Agent => _agent;

    /// <summary>Whether it runs but stands still.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>What it takes for the present.</summary>
    public Instant OwnNow => _clock.Own(_loop.Now);

    /// <summary>Is told of every step.</summary>
    internal IStepObserver? Observer { get; set; }

    /// <summary>Is told of its beginnings and ends, and of what it sends when that takes effect.</summary>
    internal IProcessObserver? Witness { get; set; }

    /// <summary>By how much longer than usual an effect takes; null while everything is as usual.</summary>
    internal Func<Effect, Delay>? ExtraDelay { get; set; }

    /// <summary>Takes effects that arrive and stand still until somebody lets them go on; false for those that do not.</summary>
    internal Func<Effect, IHeldEffect, bool>? Holds { get; set; }

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
        _clock.Reset(_loop.Now);
        Witness?.Started(Name, Incarnation);
        _loop.Schedule(_loop.Now, new Delivery(this, Incarnation, new AgentEvent.Started()));
    }

    /// <summary>Ends the process without warning.</summary>
    public void Crash()
    {
        if (_agent is not null)
        {
            Witness?.Ended(Name);
        }

        _agent = null;
        (_runner as IDisposable)?.Dispose();
        _runner = null;
        _alarm = Instant.Never;
        _held.Clear();
        IsPaused = false;
    }

    /// <summary>Lets a running process stand still.</summary>
    public void Pause() => IsPaused = _agent is not null;

    /// <summary>Lets it go on.</summary>
    public void Resume()
    {
        IsPaused = false;
        foreach (var held in _held)
        {
            _loop.Schedule(_loop.Now, held);
        }

        _held.Clear();
    }

    /// <summary>Sets its clock ahead, and its rate in percent of the true one. Lasts until the process is started anew.</summary>
    public void SetClock(TimeSpan jump, int percent)
    {
        var own = _alarm;
        _clock.Set(_loop.Now, jump, percent);
        if (own < Instant.Never)
        {
            _loop.Schedule(_clock.True(own), new Delivery(this, Incarnation, WokeEvent));
        }
    }

    private void Deliver(int incarnation, AgentEvent happened)
    {
        if (incarnation != Incarnation || _agent is null)
        {
            return;
        }

        if (IsPaused)
        {
            _held.Add(new Delivery(this, incarnation, happened));
            return;
        }

        var now = _clock.Own(_loop.Now);
        if (happened is AgentEvent.Woke)
        {
            if (now < _alarm)
            {
                return;
            }

            _alarm = Instant.Never;
        }

        Steps++;
        TraceText.Write(_trace, _loop, Name, happened);
        var effects = _agent.Step(now, happened);
        Observer?.OnStep(this, _loop.Now, happened, effects);
        Carry(effects);
    }

    private void Carry(ImmutableArray<Effect> effects)
    {
        var draw = (_loop.Now - _loop.Start).Ticks * EffectsOfOneStep;
        foreach (var effect in effects)
        {
            if (effect is Effect.WakeAt wake)
            {
                SetAlarm(wake.Moment);
                continue;
            }

            TraceText.Write(_trace, _loop, Name, effect);
            var (there, back) = _latencies.Of(effect, _random, draw++);
            Send(effect, there, back);
        }
    }

    private void Send(Effect effect, TimeSpan there, TimeSpan back)
    {
        var limit = EffectTimeout.LimitOf(effect);
        if (ExtraDelay?.Invoke(effect) is { Extra.Ticks: > 0 } delay)
        {
            var half = delay.Extra / 2;
            var most = (limit ?? TimeSpan.MaxValue) / 2;
            there += delay.MayOutlastSender ? delay.Extra : half < most ? half : most;
            back += delay.MayOutlastSender ? TimeSpan.Zero : half;
        }

        var question = new Question(this, effect, _runner!, back, _loop.Now);
        _loop.ScheduleAfter(there, question);
        if (limit is { } time && there + back >= time)
        {
            question.TimeOut();
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
            _loop.Schedule(_clock.True(moment), new Delivery(this, Incarnation, WokeEvent));
        }
    }

    private sealed class Delivery(SimulatedProcess process, int incarnation, AgentEvent happened) : SimulationEvent
    {
        public override void Happen() => process.Deliver(incarnation, happened);
    }

    /// <summary>
    /// An effect that arrives where it takes effect. It does so even if its sender has crashed meanwhile. What is never answered there is
    /// answered by the time limit; what is held there is answered when it has ended for certain, as production does with changes of LVM,
    /// unless whoever holds it says when production loses its patience.
    /// </summary>
    private sealed class Question(SimulatedProcess process, Effect effect, IEffectRunner runner, TimeSpan back, Instant sentAt)
        : SimulationEvent, IHeldEffect
    {
        private readonly int _incarnation = process.Incarnation;
        private AgentEvent? _answer;
        private bool _isSettled;

        public bool IsGivenUp => _incarnation != process.Incarnation || process._agent is null || IsOverdue;

        private bool IsOverdue => EffectTimeout.LimitOf(effect) is { } limit && process._loop.Now - sentAt >= limit;

        public void GoOn() => Happen();

        public void AnswerInDoubtAfter(TimeSpan patience)
        {
            if (EffectTimeout.LimitOf(effect) is { } limit)
            {
                process._loop.Schedule(sentAt + limit + patience, new Occurrence(() =>
                {
                    if (!_isSettled)
                    {
                        _isSettled = true;
                        process.Deliver(_incarnation, EffectTimeout.Answer(effect)!);
                    }
                }));
            }
        }

        public void TimeOut()
        {
            _isSettled = true;
            if (EffectTimeout.LimitOf(effect) is { } limit)
            {
                process._loop.Schedule(sentAt + limit, new Delivery(process, _incarnation, EffectTimeout.Answer(effect)!));
            }
        }

        public override void Happen()
        {
            // A watch belongs to its process's connection: it dies with it.
            if (effect is Effect.OpenWatch or Effect.CloseWatch && _incarnation != process.Incarnation)
            {
                return;
            }

            if (process.Holds?.Invoke(effect, this) == true)
            {
                return;
            }

            if (IsOverdue)
            {
                process.Observer?.OnLate(process, effect);
            }

            process.Witness?.Taking(process.Name, _incarnation, effect);
            var running = runner.RunAsync(effect, Answer, CancellationToken.None);
            process.Witness?.Took(process.Name, _incarnation, effect, _answer);
            if (running.IsCompleted)
            {
                running.GetAwaiter().GetResult();
            }
            else if (effect is Effect.OpenWatch or Effect.CloseWatch)
            {
                throw new UnreachableException($"{effect} did not complete at once: something in the simulated world waits.");
            }
            else if (!_isSettled)
            {
                TimeOut();
            }
        }

        private void Answer(AgentEvent happened)
        {
            if (happened is AgentEvent.WatchDelivered)
            {
                process.Deliver(_incarnation, happened);
                return;
            }

            _answer = happened;
            if (!_isSettled)
            {
                _isSettled = true;
                process._loop.ScheduleAfter(back, new Delivery(process, _incarnation, happened));
            }
        }
    }
}
