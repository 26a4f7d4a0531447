using System.Collections.Immutable;
using LocalPv.Core.Units;

namespace LocalPv.Core.Agents;

/// <summary>
/// Does for the whole cluster what no node can do for itself: says what is wrong with a class, gives back the claims of nodes that are
/// gone, chooses for Pods that pass the scheduler by, removes what such nodes have left behind, puts labels back that agents watch by, and
/// says why a Pod cannot be placed.
/// Several may run; one, elected by a Lease, acts.
/// </summary>
public sealed class ClusterAgent : IAgent, IKeepsCopies
{
    private readonly Calls _calls = new();
    private readonly ClusterAgentOptions _options;
    private readonly ClusterWatches _watches;
    private readonly LeaderLease _lease;
    private readonly ClassReview _classes;
    private readonly ClaimRescue _claims;
    private readonly LostNodes _lostNodes;
    private readonly StuckPods _stuckPods;
    private readonly DirectPods _directPods;
    private readonly NodeLabels _labels;
    private readonly AbsenceClock _clock = new();
    private Instant _alarm = Instant.Never;
    private Instant _nextReview = Instant.Epoch;
    private Instant _lastReview = Instant.Epoch;

    /// <summary>An agent that knows nothing yet; throws where the options contradict each other.</summary>
    public ClusterAgent(ClusterAgentOptions options)
    {
        if (options.RenewDeadline >= options.LeaseDuration)
        {
            throw new ArgumentException(
                $"RenewDeadline ({options.RenewDeadline}) must be less than LeaseDuration ({options.LeaseDuration}), or two could lead.",
                nameof(options));
        }

        _options = options;
        _watches = new ClusterWatches(_calls, options);
        _lease = new LeaderLease(_calls, options);
        var events = new EventRecorder(_calls, "localpv-controller", options.Identity, options.ApiTimeout);
        var writes = new GuardedWrites(_calls, options, () => _lease.IsLeader);
        _classes = new ClassReview(_watches, events);
        _claims = new ClaimRescue(_calls, options, _watches, events, writes);
        _lostNodes = new LostNodes(_calls, options, _watches, events, writes);
        _directPods = new DirectPods(_calls, options, _watches, writes);
        _labels = new NodeLabels(options, _watches, events, writes);
        _stuckPods = new StuckPods(_calls, options, _watches, events);
    }

    /// <summary>The settings.</summary>
    public ClusterAgentOptions Options => _options;

    /// <summary>Whether this process acts now.</summary>
    public bool IsLeader => _lease.IsLeader;

    /// <summary>Whether everything was seen once.</summary>
    public bool IsSynced => _watches.IsSynced;

    /// <inheritdoc/>
    public IReadOnlyList<Reflector> Copies => _watches.All;

    /// <summary>Which lists are still missing, for people; empty where <see cref="IsSynced"/>.</summary>
    public string WaitsFor => _watches.WaitsFor;

    /// <summary>Claims given back to the scheduler in this life.</summary>
    public long GivenBack => _claims.GivenBack;

    /// <summary>Objects of lost nodes removed in this life.</summary>
    public long Removed => _lostNodes.Removed;

    /// <inheritdoc/>
    public ImmutableArray<Effect> Step(Instant now, AgentEvent happened)
    {
        _calls.Now = now;
        switch (happened)
        {
            case AgentEvent.Started:
                _watches.Start();
                break;
            case AgentEvent.Woke:
                _alarm = Instant.Never;
                break;
            default:
                if (!_watches.TryHandle(happened))
                {
                    _calls.TryAnswer(happened);
                }

                break;
        }

        _watches.Tick();
        _lease.Tick();
        if (_watches.Changes.Count > 0)
        {
            _watches.Changes.Clear();
            _nextReview = Instant.Min(_nextReview, _lastReview + _options.ReviewGap);
        }

        if (!_lease.IsLeader)
        {
            _clock.Clear();
        }
        else if (_watches.IsSynced && now >= _nextReview)
        {
            Review();
        }

        SetAlarm();
        return _calls.Drain();
    }

    private void Review()
    {
        _lastReview = _calls.Now;
        _nextReview = _calls.Now + _options.ReviewPeriod;
        _classes.Review();
        _claims.Review(_clock);
        _directPods.Review(_clock);
        _lostNodes.Review(_clock);
        _labels.Review();
        _stuckPods.Review(_clock);
        _clock.EndRound();
    }

    private void SetAlarm()
    {
        var due = Instant.Min(_watches.Deadline, _lease.Deadline);
        due = _watches.IsSynced && _lease.IsLeader ? Instant.Min(due, _nextReview) : due;
        if (due < _alarm)
        {
            _alarm = due;
            _calls.Effects.Add(new Effect.WakeAt(due));
        }
    }
}
