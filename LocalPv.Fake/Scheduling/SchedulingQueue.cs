using LocalPv.Core.Units;

namespace LocalPv.Fake.Scheduling;

/// <summary>
/// The queues of Pods that wait for a node (<c>pkg/scheduler/backend/queue</c>): active by priority and age, two kinds of backoff, and
/// those that fit nowhere until something changes. A Pod is in exactly one of them, or in flight, or not this scheduler's any more.
/// </summary>
internal sealed class SchedulingQueue(SchedulerVersion version)
{
    private static readonly Comparer<QueuedPod> ByTurn = Comparer<QueuedPod>.Create(CompareTurns);
    private static readonly Comparer<QueuedPod> ByBackoffEnd = Comparer<QueuedPod>.Create(static (a, b) =>
    {
        var order = a.BackoffEnd!.Value.CompareTo(b.BackoffEnd!.Value);
        return order != 0 ? order : CompareTurns(a, b);
    });

    private readonly SortedDictionary<string, QueuedPod> _byUid = new(StringComparer.Ordinal);
    private readonly SortedSet<QueuedPod> _active = new(ByTurn);
    private readonly SortedSet<QueuedPod> _backoff = new(ByBackoffEnd);
    private readonly SortedSet<QueuedPod> _errorBackoff = new(ByBackoffEnd);
    private readonly SortedDictionary<long, QueuedPod> _unschedulable = [];
    private readonly List<ClusterEvent> _whileInFlight = [];
    private QueuedPod? _inFlight;
    private Instant _leftoversAt;
    private long _sequence;

    /// <summary>How many Pods are in the queues or in flight.</summary>
    public int Count => _byUid.Count;

    /// <summary>Whether some Pod waits for an event.</summary>
    public bool HasUnschedulable => _unschedulable.Count > 0 || _inFlight is not null;

    /// <summary>When the queues next want to be told the time.</summary>
    public Instant Deadline
    {
        get
        {
            var deadline = _unschedulable.Count > 0 ? _leftoversAt : Instant.Never;
            deadline = _backoff.Min is { } first ? Instant.Min(deadline, FlushAfter(first)) : deadline;
            return _errorBackoff.Min is { } firstError ? Instant.Min(deadline, FlushAfter(firstError)) : deadline;
        }
    }

    /// <summary>Where a Pod is.</summary>
    public QueuePlace PlaceOf(string uid) => _byUid.TryGetValue(uid, out var pod) ? pod.Place : QueuePlace.None;

    /// <summary>Begins the periods.</summary>
    public void Start(Instant now) => _leftoversAt = now + version.UnschedulableFlushPeriod;

    /// <summary>A Pod without a node has come.</summary>
    public void Add(Instant now, PodNeeds needs)
    {
        var pod = new QueuedPod(needs, ++_sequence) { Since = now };
        _byUid[pod.Uid] = pod;
        Activate(pod);
    }

    /// <summary>A Pod without a node has changed.</summary>
    public void Update(Instant now, PodNeeds before, PodNeeds after)
    {
        if (!_byUid.TryGetValue(after.Pod.Uid, out var pod))
        {
            Add(now, after);
            return;
        }

        if (pod.Place == QueuePlace.InFlight)
        {
            foreach (var action in PropertyChanges.OfPod(before, after))
            {
                _whileInFlight.Add(new ClusterEvent(ClusterResource.UnscheduledPod, action, before.Pod, after.Pod));
            }

            return;
        }

        if (pod.Place != QueuePlace.Unschedulable)
        {
            var place = pod.Place;
            Leave(pod);
            pod.Needs = after;
            Enter(pod, place);
            return;
        }

        pod.Needs = after;
        foreach (var action in PropertyChanges.OfPod(before, after))
        {
            if (QueueingHints.IsWorthTrying(pod, new ClusterEvent(ClusterResource.UnscheduledPod, action, before.Pod, after.Pod)))
            {
                Leave(pod);
                Requeue(now, pod);
                return;
            }
        }
    }

    /// <summary>A Pod is gone, or has a node.</summary>
    public void Remove(string uid)
    {
        if (_byUid.Remove(uid, out var pod))
        {
            Leave(pod);
        }
    }

    /// <summary>The next Pod to schedule, which is then in flight; null where none is due.</summary>
    public QueuedPod? Pop()
    {
        var pod = _active.Min ?? (version.PopsFromBackoffQueue ? _backoff.Min : null);
        if (pod is null)
        {
            return null;
        }

        Leave(pod);
        pod.Place = QueuePlace.InFlight;
        pod.Attempts++;
        pod.BackoffEnd = null;
        pod.Rejectors = SchedulerPlugin.None;
        _inFlight = pod;
        _whileInFlight.Clear();
        return pod;
    }

    /// <summary>The Pod in flight needs no queue any more.</summary>
    public void Done(QueuedPod pod)
    {
        if (_byUid.TryGetValue(pod.Uid, out var known) && ReferenceEquals(known, pod))
        {
            _byUid.Remove(pod.Uid);
        }

        Leave(pod);
    }

    /// <summary>
    /// A Pod could not be scheduled; <paramref name="needs"/> is its newest state. Without rejectors it was an error, and it is tried again
    /// after its backoff; with them it waits for an event, unless one came while it was in flight.
    /// </summary>
    public void Return(Instant now, QueuedPod pod, PodNeeds needs, SchedulerPlugin rejectors)
    {
        if (_byUid.TryGetValue(pod.Uid, out var known) && !ReferenceEquals(known, pod))
        {
            // It has been queued anew meanwhile.
            return;
        }

        Leave(pod);
        _byUid[pod.Uid] = pod;
        pod.Needs = needs;
        pod.Rejectors = rejectors;
        pod.Since = now;
        pod.BackoffEnd = null;
        if (rejectors == SchedulerPlugin.None)
        {
            pod.ErrorCount++;
            Requeue(now, pod);
            return;
        }

        pod.UnschedulableCount++;
        pod.ErrorCount = 0;
        if (_whileInFlight.Any(happened => QueueingHints.IsWorthTrying(pod, happened)))
        {
            Requeue(now, pod);
        }
        else
        {
            Enter(pod, QueuePlace.Unschedulable);
        }
    }

    /// <summary>Something happened that may make room: moves the Pods for which it may matter.</summary>
    public void Wake(Instant now, ClusterEvent happened, Func<QueuedPod, bool>? only = null)
    {
        if (_inFlight is not null)
        {
            _whileInFlight.Add(happened);
        }

        if (_unschedulable.Count == 0)
        {
            return;
        }

        foreach (var pod in _unschedulable.Values.ToArray())
        {
            if ((only is null || only(pod)) && QueueingHints.IsWorthTrying(pod, happened))
            {
                Leave(pod);
                Requeue(now, pod);
            }
        }
    }

    /// <summary>Looks at the time: ends backoffs, and wakes Pods that have been unschedulable for too long.</summary>
    public void Tick(Instant now)
    {
        Flush(now, _backoff);
        Flush(now, _errorBackoff);
        if (now < _leftoversAt)
        {
            return;
        }

        while (_leftoversAt <= now)
        {
            _leftoversAt += version.UnschedulableFlushPeriod;
        }

        foreach (var pod in _unschedulable.Values.Where(pod => now - pod.Since > version.UnschedulableLimit).ToArray())
        {
            Leave(pod);
            Requeue(now, pod);
        }
    }

    private static int CompareTurns(QueuedPod a, QueuedPod b)
    {
        var order = b.Needs.Priority.CompareTo(a.Needs.Priority);
        order = order != 0 ? order : a.Since.CompareTo(b.Since);
        return order != 0 ? order : a.Sequence.CompareTo(b.Sequence);
    }

    private void Flush(Instant now, SortedSet<QueuedPod> queue)
    {
        while (queue.Min is { } pod && !IsBackingOff(now, pod))
        {
            Leave(pod);
            Activate(pod);
        }
    }

    private void Requeue(Instant now, QueuedPod pod)
    {
        if (IsBackingOff(now, pod))
        {
            Enter(pod, pod.ErrorCount > 0 ? QueuePlace.ErrorBackoff : QueuePlace.Backoff);
        }
        else
        {
            Activate(pod);
        }
    }

    private void Activate(QueuedPod pod)
    {
        if (pod.Needs.IsGated)
        {
            pod.Rejectors = SchedulerPlugin.SchedulingGates;
            Enter(pod, QueuePlace.Unschedulable);
        }
        else
        {
            Enter(pod, QueuePlace.Active);
        }
    }

    private bool IsBackingOff(Instant now, QueuedPod pod) => BackoffEndOf(pod) is { } end && end >= Aligned(now);

    private Instant? BackoffEndOf(QueuedPod pod)
    {
        var count = pod.ErrorCount > 0 ? pod.ErrorCount : pod.UnschedulableCount;
        if (count == 0)
        {
            return null;
        }

        return pod.BackoffEnd ??= Aligned(pod.Since + version.BackoffAfter(count));
    }

    // The first flush at which the Pod is no longer backing off.
    private Instant FlushAfter(QueuedPod pod) => Floor(pod.BackoffEnd!.Value, version.BackoffFlushPeriod) + version.BackoffFlushPeriod;

    private Instant Aligned(Instant moment) => version.AlignsBackoffToSeconds ? Floor(moment, version.BackoffFlushPeriod) : moment;

    private static Instant Floor(Instant moment, TimeSpan period) => new(moment.TicksSinceEpoch - (moment.TicksSinceEpoch % period.Ticks));

    private void Enter(QueuedPod pod, QueuePlace place)
    {
        pod.Place = place;
        switch (place)
        {
            case QueuePlace.Active:
                _active.Add(pod);
                break;
            case QueuePlace.Backoff:
                _backoff.Add(pod);
                break;
            case QueuePlace.ErrorBackoff:
                _errorBackoff.Add(pod);
                break;
            case QueuePlace.Unschedulable:
                _unschedulable.Add(pod.Sequence, pod);
                break;
            default:
                break;
        }
    }

    private void Leave(QueuedPod pod)
    {
        switch (pod.Place)
        {
            case QueuePlace.Active:
                _active.Remove(pod);
                break;
            case QueuePlace.Backoff:
                _backoff.Remove(pod);
                break;
            case QueuePlace.ErrorBackoff:
                _errorBackoff.Remove(pod);
                break;
            case QueuePlace.Unschedulable:
                _unschedulable.Remove(pod.Sequence);
                break;
            case QueuePlace.InFlight when ReferenceEquals(_inFlight, pod):
                _inFlight = null;
                break;
            default:
                break;
        }

        pod.Place = QueuePlace.None;
    }
}
