using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;
using LocalPv.Sim.Engine;
using LocalPv.Sim.Faults;

namespace LocalPv.Sim.World;

/// <summary>
/// An open watch: a cursor in the server's history that is read a little later than the history is written. What is committed while a
/// delivery is on its way arrives with it, in order, as on a real connection.
/// </summary>
internal sealed class SimulatedWatch : IDisposable
{
    private readonly FakeWatch _cursor;
    private readonly EventLoop _loop;
    private readonly WatchHub _hub;
    private readonly KeyedRandom _random;
    private readonly Latencies _latencies;
    private readonly Action<WatchSignal> _deliver;
    private readonly Conditions _conditions;
    private readonly Func<Change, bool>? _learnsFrom;
    private readonly Pump _pump;
    private Instant _scheduled = Instant.Never;
    private WatchStanding _standing = WatchStanding.Awake;

    // The moment of a turn in the loop's heap at which time alone (a bookmark, the end) gives it something to say.
    private Instant _timer = Instant.Never;

    internal SimulatedWatch(
        FakeWatch cursor,
        string kind,
        EventLoop loop,
        WatchHub hub,
        KeyedRandom random,
        Latencies latencies,
        Conditions conditions,
        Action<WatchSignal> deliver,
        Func<Change, bool>? learnsFrom = null)
    {
        _learnsFrom = learnsFrom;
        _conditions = conditions;
        _cursor = cursor;
        Pin = cursor.Pin;
        Kind = kind;
        _loop = loop;
        _hub = hub;
        _random = random;
        _latencies = latencies;
        _deliver = deliver;
        _pump = new Pump(this);
        hub.Add(this);
        ScheduleNext();
    }

    internal string Kind { get; }

    /// <summary>A value that every object has of which it tells; null where it tells of all.</summary>
    internal SelectionPin? Pin { get; }

    /// <summary>Its place in the order in which watches were opened.</summary>
    internal long Turn { get; set; }

    internal bool IsOver { get; private set; }

    public void Dispose()
    {
        if (!IsOver)
        {
            IsOver = true;
            _cursor.Close();
            _hub.Remove(this);
        }
    }

    /// <summary>Whether it never says anything again, as a connection that hangs.</summary>
    internal bool IsSilent { get; private set; }

    /// <summary>It never says anything again.</summary>
    internal void Silence()
    {
        WakeUp();
        IsSilent = true;
    }

    /// <summary>How the hub finds it.</summary>
    internal WatchStanding Standing
    {
        get => _standing;
        private set
        {
            if (value != _standing)
            {
                _hub.Move(this, _standing, value);
                _standing = value;
            }
        }
    }

    /// <summary>Something of its kind was committed. What it does not concern needs no delivery.</summary>
    internal void Notify(Change committed)
    {
        _cursor.Rouse(committed);
        if ((!_conditions.AreCalm && IsHeldUp) || !_cursor.TrySkip(committed, _learnsFrom?.Invoke(committed) == false))
        {
            Notify();
        }

        Settle();
    }

    /// <summary>Something is wrong from now on: whatever is committed may matter to what comes when.</summary>
    internal void WakeUp()
    {
        if (!IsOver)
        {
            _cursor.Rouse(null);
            Standing = WatchStanding.Awake;
        }
    }

    // While all is well, what does not concern a watch that has nothing to read changes nothing for it, and nothing at all does for one
    // that is about to be read.
    private void Settle()
    {
        if (Pin is not null && !IsOver)
        {
            Standing = !_conditions.AreCalm || IsSilent ? WatchStanding.Awake
                : _cursor.TryRest() ? WatchStanding.Resting
                : _cursor.HasMore && _scheduled <= _loop.Now + _latencies.WatchLag.Most ? WatchStanding.Due
                : WatchStanding.Awake;
        }
    }

    internal void Notify()
    {
        if (_conditions.AreCalm)
        {
            if (_scheduled > _loop.Now + _latencies.WatchLag.Most)
            {
                ScheduleAt(_loop.Now + Lag());
            }
        }
        else if (!IsHeldUp)
        {
            var moment = _loop.Now + Lag() + _conditions.Amount(FaultType.WatchLag, _loop.Now);
            if (moment < _scheduled)
            {
                ScheduleAt(moment);
            }
        }
    }

    /// <summary>Ends it with that signal after a while.</summary>
    internal void CloseAfter(TimeSpan delay, WatchSignal last)
    {
        WakeUp();
        _cursor.Close();
        _loop.ScheduleAfter(delay, new Occurrence(() =>
        {
            if (!IsOver)
            {
                Dispose();
                _deliver(last);
            }
        }));
    }

    // A view that has stopped has nothing newer to tell; what was committed before it stopped was told before.
    private bool IsHeldUp => IsSilent
        || _conditions.Has(FaultType.CutOff) || _conditions.Has(FaultType.Gap) || _conditions.Has(FaultType.StaleServer);

    private TimeSpan Lag() =>
        _random.Between((_loop.Now - _loop.Start).Ticks, _latencies.WatchLag.Least, _latencies.WatchLag.Most);

    private void ScheduleNext()
    {
        var due = _cursor.DueAt;
        if (due <= _loop.Now)
        {
            Notify();
        }
        else if (due < _scheduled && due == _timer)
        {
            _scheduled = due;
        }
        else if (due < _scheduled)
        {
            _timer = due;
            ScheduleAt(due);
        }

        Settle();
    }

    private void ScheduleAt(Instant moment)
    {
        _scheduled = moment;
        _loop.Schedule(moment, _pump);
    }

    private void Read()
    {
        _timer = _timer <= _loop.Now ? Instant.Never : _timer;

        // An earlier delivery may have been scheduled after this one was: the later turn then finds nothing to do.
        if (IsOver || IsSilent || _loop.Now < _scheduled)
        {
            return;
        }

        _scheduled = Instant.Never;
        if (!_conditions.AreCalm && IsHeldUp)
        {
            return;
        }

        while (!IsOver && _cursor.TryRead(_loop.Now, out var signal))
        {
            if (signal is WatchSignal.Closed)
            {
                Dispose();
            }

            _deliver(signal);
            if (!_conditions.AreCalm && signal is WatchSignal.Added or WatchSignal.Modified or WatchSignal.Deleted
                && _conditions.Happens(FaultType.Duplicate, _loop.Now, Kind))
            {
                _deliver(signal);
            }
        }

        if (!IsOver)
        {
            ScheduleNext();
        }
    }

    private sealed class Pump(SimulatedWatch watch) : SimulationEvent
    {
        public override void Happen() => watch.Read();
    }
}

/// <summary>How a watch is found when something is committed.</summary>
internal enum WatchStanding
{
    /// <summary>It is asked about every change of its kind.</summary>
    Awake,

    /// <summary>It has nothing to read, and is asked about what may concern it.</summary>
    Resting,

    /// <summary>It will be read before long whatever comes, and is asked about nothing.</summary>
    Due,
}
