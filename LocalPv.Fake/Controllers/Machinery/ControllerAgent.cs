using System.Collections.Immutable;
using System.Diagnostics;
using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Controllers.Machinery;

/// <summary>
/// What the controllers of kube-controller-manager share: copies of the objects they watch, work queues, and calls of the API server. A
/// controller says what a change puts in which queue, and what the work of a key is. Work begins when all copies are complete.
/// </summary>
public abstract class ControllerAgent : IAgent
{
    private readonly List<Reflector> _reflectors = [];
    private readonly List<Reflector> _required = [];
    private readonly List<IWorker> _workers = [];
    private readonly List<ObjectChange> _changes = [];
    private readonly Dictionary<long, (Awaited Awaited, IResumable? Resumable)> _calls = [];
    private readonly Deadlines<IResumable> _pauses = new();
    private readonly ImmutableArray<Effect>.Builder _effects = ImmutableArray.CreateBuilder<Effect>();
    private readonly ControllerOptions _options;
    private Instant _alarm = Instant.Never;
    private Instant _periodicAt = Instant.Never;
    private TimeSpan _period;
    private bool _changed;

    /// <summary>A controller that calls itself <paramref name="component"/> in the Events it writes.</summary>
    protected ControllerAgent(string component, ControllerOptions options)
    {
        _options = options;
        Events = new EventRecorder(this, component, options.WritesEvents);
    }

    /// <summary>The time of the step.</summary>
    internal Instant Now { get; private set; }

    /// <summary>See <see cref="ControllerOptions.Spread"/>.</summary>
    internal ulong Spread => _options.Spread;

    /// <summary>Writes Events about objects.</summary>
    private protected EventRecorder Events { get; }

    /// <summary>The numbers of the calls and watches.</summary>
    private protected CallNumbers Numbers { get; } = new();

    /// <summary>Whether all copies of objects are complete.</summary>
    private protected bool IsSynced { get; private set; }

    /// <inheritdoc/>
    public ImmutableArray<Effect> Step(Instant now, AgentEvent happened)
    {
        Now = now;
        Take(happened);
        if (ChangesNothing(happened))
        {
            return [];
        }

        if (!IsSynced && _required.TrueForAll(static reflector => reflector.IsSynced))
        {
            IsSynced = true;
            _periodicAt = _period > TimeSpan.Zero ? now + _period : Instant.Never;
            OnSynced();
        }

        PassTime();
        if (IsSynced)
        {
            PumpAll();
        }

        SetAlarm();
        var effects = _effects.ToImmutable();
        _effects.Clear();
        return effects;
    }

    /// <summary>Asks the API server, and lets <paramref name="resumable"/> go on with the answer; null where nobody waits for it.</summary>
    internal void Await(Awaited awaited, IResumable? resumable)
    {
        switch (awaited)
        {
            case ClusterCall call:
                var number = Numbers.Next();
                _calls.Add(number, (call, resumable));
                _effects.Add(new Effect.CallCluster(number, call.Request, _options.CallTimeout));
                break;
            case EffectCall effect:
                var asked = Numbers.Next();
                _calls.Add(asked, (effect, resumable));
                _effects.Add(effect.Make(asked));
                break;
            case Pause pause:
                _pauses.Add(resumable!, Now + pause.Duration);
                break;
            default:
                throw new UnreachableException($"{awaited.GetType()} is nothing to wait for.");
        }
    }

    /// <summary>
    /// A copy of the objects of a type; its changes come to <see cref="OnChange"/>. Work waits for it, unless it is not
    /// <paramref name="isRequired"/>: a custom type that nobody has defined yet must not hold up the others.
    /// </summary>
    private protected Reflector Watch(ResourceType type, ObjectSelector? selector = null, bool isRequired = true)
    {
        var reflector = new Reflector(type, selector ?? ObjectSelector.Everything, Numbers, _options.Reflector);
        _reflectors.Add(reflector);
        if (isRequired)
        {
            _required.Add(reflector);
        }

        return reflector;
    }

    /// <summary>A queue whose keys <paramref name="work"/> works on.</summary>
    private protected Worker<TKey> Work<TKey>(Func<TKey, IEnumerable<Awaited>> work, int parallel = 1, Backoff? retry = null)
        where TKey : notnull
    {
        var worker = new Worker<TKey>(this, parallel, retry, work);
        _workers.Add(worker);
        return worker;
    }

    /// <summary>Calls <see cref="OnPeriod"/> again and again, first one period after the copies are complete.</summary>
    private protected void Every(TimeSpan period) => _period = period;

    /// <summary>
    /// Takes in what a write of our own was answered with, before the watch brings it: controllers that keep a cache of their own
    /// do not act on a state they have themselves made old.
    /// </summary>
    private protected void Learn(Reflector reflector, KubernetesObject written)
    {
        var changes = new List<ObjectChange>(1);
        reflector.Learn(written, changes);
        foreach (var change in changes)
        {
            OnChange(reflector, change);
        }
    }

    /// <summary>An object that is watched has changed.</summary>
    private protected abstract void OnChange(Reflector reflector, ObjectChange change);

    /// <summary>All copies are complete for the first time.</summary>
    private protected virtual void OnSynced()
    {
    }

    /// <summary>The period has passed once more.</summary>
    private protected virtual void OnPeriod()
    {
    }

    /// <summary>An event that only this controller knows; returns the number of the call it answers, or 0.</summary>
    private protected virtual long AnsweredCall(AgentEvent happened) => 0;

    // A bookmark, or what is known: every queue was worked on as far as it goes when the last event came, and no time has come since.
    private bool ChangesNothing(AgentEvent happened) =>
        happened is AgentEvent.WatchDelivered && !_changed && IsSynced && _effects.Count == 0 && Now < _alarm;

    private void Take(AgentEvent happened)
    {
        _changed = false;
        switch (happened)
        {
            case AgentEvent.Started:
                foreach (var reflector in _reflectors)
                {
                    reflector.Start(Now, _effects);
                }

                break;
            case AgentEvent.Woke:
                _alarm = Instant.Never;
                break;
            case AgentEvent.ClusterAnswered answered when _calls.Remove(answered.Call, out var waiting):
                ((ClusterCall)waiting.Awaited).Outcome = answered.Outcome;
                waiting.Resumable?.Resume();
                break;
            case AgentEvent.ClusterAnswered or AgentEvent.WatchDelivered:
                TakeObservation(happened);
                break;
            default:
                if (_calls.Remove(AnsweredCall(happened), out var asked))
                {
                    ((EffectCall)asked.Awaited).Answer = happened;
                    asked.Resumable?.Resume();
                }

                break;
        }
    }

    private void TakeObservation(AgentEvent happened)
    {
        foreach (var reflector in _reflectors)
        {
            if (reflector.TryHandle(Now, happened, _effects, _changes))
            {
                _changed = _changes.Count > 0;
                foreach (var change in _changes)
                {
                    OnChange(reflector, change);
                }

                _changes.Clear();
                return;
            }
        }
    }

    private void PassTime()
    {
        foreach (var reflector in _reflectors)
        {
            if (reflector.Deadline <= Now)
            {
                reflector.Tick(Now, _effects);
            }
        }

        while (_pauses.TryTake(Now, out var resumable))
        {
            resumable.Resume();
        }

        if (_periodicAt <= Now)
        {
            _periodicAt = Now + _period;
            OnPeriod();
        }
    }

    // Work on one queue can fill another, so all are asked until none begins anything.
    private void PumpAll()
    {
        bool worked;
        do
        {
            worked = false;
            foreach (var worker in _workers)
            {
                worked |= worker.Pump();
            }
        }
        while (worked);
    }

    // An alarm that is too early costs one idle step; moving it with every observation would cost an effect each.
    private void SetAlarm()
    {
        var next = Instant.Min(_periodicAt, _pauses.Next);
        foreach (var reflector in _reflectors)
        {
            next = Instant.Min(next, reflector.Deadline);
        }

        foreach (var worker in _workers)
        {
            next = Instant.Min(next, worker.Next);
        }

        if (next < _alarm)
        {
            _alarm = next;
            _effects.Add(new Effect.WakeAt(next));
        }
    }
}
