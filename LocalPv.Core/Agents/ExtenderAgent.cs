using System.Collections.Immutable;
using LocalPv.Core.Capacity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;

namespace LocalPv.Core.Agents;

/// <summary>
/// Answers the scheduler: on which nodes a Pod's claims fit, and where best. Events keep its copy of the cluster and the ledger; the
/// answers read them and leave an offer. Answers write nothing to the API; all it ever writes is the touch that makes the
/// scheduler ask again. Unlike other agents it is asked from several threads: events and
/// questions take turns.
/// </summary>
public sealed partial class ExtenderAgent : IAgent, IExtenderAnswers, IKeepsCopies
{
    private readonly Lock _gate = new();
    private readonly ExtenderOptions _options;
    private readonly CapacityLedger _ledger;
    private readonly Reflector _classes;
    private readonly Reflector _storages;
    private readonly Reflector _claims;
    private readonly ExtenderReports _reports;
    private readonly ExtenderClaims _ours;
    private readonly ExtenderWaker _waker;
    private readonly List<ObjectChange> _changes = [];
    private readonly ImmutableArray<Effect>.Builder _effects = ImmutableArray.CreateBuilder<Effect>();
    private Instant _alarm = Instant.Never;
    private volatile bool _isReady;

    /// <summary>An extender that knows nothing yet.</summary>
    public ExtenderAgent(ExtenderOptions options)
    {
        _options = options;
        _ledger = new CapacityLedger(options.Ledger);
        var numbers = new CallNumbers();
        _classes = Copy(ResourceTypes.StorageClasses, numbers, 0);
        _storages = Copy(ResourceTypes.NodeLocalStorages, numbers, 1);
        _claims = Copy(ResourceTypes.PersistentVolumeClaims, numbers, 2);
        _waker = new ExtenderWaker(_ledger, options, numbers);
        _reports = new ExtenderReports(_ledger, options.StaleAfter);
        _ours = new ExtenderClaims(_ledger, _classes, _claims, options.Provisioner);
    }

    /// <summary>
    /// Whether the cluster has been seen: every class, report and claim. Before that every question is answered with an error, since
    /// "no node" would be wrong.
    /// </summary>
    public bool IsReady => _isReady;

    /// <summary>Which lists are still missing, for people; empty where it <see cref="IsReady"/>. Any thread.</summary>
    public string WaitsFor
    {
        get
        {
            lock (_gate)
            {
                return Reflector.WaitsFor([_classes, _storages, _claims]);
            }
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<Reflector> Copies => [_classes, _storages, _claims];

    /// <summary>What is promised and offered of each volume group. Any thread.</summary>
    public IReadOnlyList<PromiseFigures> Promises()
    {
        lock (_gate)
        {
            return _ledger.Promises();
        }
    }

    /// <inheritdoc/>
    public ImmutableArray<Effect> Step(Instant now, AgentEvent happened)
    {
        lock (_gate)
        {
            var effects = _effects;
            effects.Clear();
            if (happened is AgentEvent.Started)
            {
                _classes.Start(now, effects);
                _storages.Start(now, effects);
                _claims.Start(now, effects);
            }
            else
            {
                TakeIn(now, happened, effects);
            }

            _reports.Tick(now);
            _ledger.Expire(now);
            _waker.Handle(now, happened);
            _waker.Work(now, _storages, effects);
            SetAlarm(now, happened, effects);
            return effects.ToImmutable();
        }
    }

    private Reflector Copy(ResourceType type, CallNumbers numbers, ulong spread)
    {
        var options = _options.Reflector with { Spread = unchecked(_options.Reflector.Spread + spread) };
        return new Reflector(type, ObjectSelector.Everything, numbers, options, keep: null, StorageReport.Of);
    }

    private void TakeIn(Instant now, AgentEvent happened, ImmutableArray<Effect>.Builder effects)
    {
        foreach (var reflector in (ReadOnlySpan<Reflector>)[_classes, _storages, _claims])
        {
            var first = !reflector.IsSynced;
            _changes.Clear();
            if (reflector.TryHandle(now, happened, effects, _changes))
            {
                foreach (var change in _changes)
                {
                    Handle(now, reflector, change, first);
                }
            }

            reflector.Tick(now, effects);
        }

        _isReady = _classes.IsSynced && _storages.IsSynced && _claims.IsSynced;
    }

    private void Handle(Instant now, Reflector source, ObjectChange change, bool first)
    {
        if (source == _claims)
        {
            _ours.HandleClaim(now, change, first);
        }
        else if (source == _storages)
        {
            _reports.Handle(now, change, first);
        }
        else
        {
            _ours.HandleClass(now, change, first);
        }
    }

    private void SetAlarm(Instant now, AgentEvent happened, ImmutableArray<Effect>.Builder effects)
    {
        var next = Instant.Min(Instant.Min(_reports.Deadline, _ledger.Deadline), Instant.Min(_classes.Deadline,
            Instant.Min(_storages.Deadline, _claims.Deadline)));
        next = Instant.Min(Instant.Min(next, _waker.Deadline), now + _options.TickPeriod);
        if (next != Instant.Never && (next < _alarm || _alarm <= now || happened is AgentEvent.Woke))
        {
            _alarm = next;
            effects.Add(new Effect.WakeAt(next));
        }
    }
}
