using LocalPv.Core.Units;

namespace LocalPv.Sim.Engine;

/// <summary>
/// Virtual time: one heap of events, ordered by moment and then by the order in which they were scheduled. Time jumps from one event to the
/// next. One thread; nothing in here waits.
/// </summary>
public sealed class EventLoop(Instant start)
{
    /// <summary>
    /// More events than this at one moment are a loop that would be a hot loop in production; a start of thousands of processes is less.
    /// </summary>
    private const int EventsAtOneMomentMaxDefault = 1_000_000;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly EventHeap _heap = new();
    private long _atThisMoment;
    private Instant _minuteBegan = start;
    private long _inThisMinute;

    /// <summary>When the run began.</summary>
    public Instant Start { get; } = start;

    /// <summary>The moment of the event that is happening, or that happened last.</summary>
    public Instant Now { get; private set; } = start;

    /// <summary>How many events may happen at one moment before the run is taken for a loop.</summary>
    internal int EventsAtOneMomentMax { get; set; } = EventsAtOneMomentMaxDefault;

    /// <summary>How many events may happen in a minute before the run is taken for a loop with pauses.</summary>
    internal long EventsInAMinuteMax { get; set; } = long.MaxValue;

    /// <summary>How many events have happened.</summary>
    public long Happened { get; private set; }

    /// <summary>Schedules an event; a moment that is past means now.</summary>
    public void Schedule(Instant moment, SimulationEvent what) =>
        _heap.Add(Instant.Max(moment, Now), what);

    /// <summary>Schedules an event after a while.</summary>
    public void ScheduleAfter(TimeSpan delay, SimulationEvent what) => Schedule(Now + delay, what);

    /// <summary>Lets the next event happen, if there is one at or before <paramref name="until"/>.</summary>
    public bool RunNext(Instant until)
    {
        if (_heap.Count == 0 || _heap.First > until)
        {
            return false;
        }

        var moment = _heap.First;
        var next = _heap.Take();
        CountMoment(moment);
        CountMinute(moment);
        Now = moment;
        Happened++;
        next.Happen();
        return true;
    }

    private void CountMoment(Instant moment)
    {
        _atThisMoment = moment == Now ? _atThisMoment + 1 : 0;
        if (_atThisMoment > EventsAtOneMomentMax)
        {
            throw new InvalidOperationException(
                $"Time stands still at {moment - Start}: {EventsAtOneMomentMax} events without a tick. "
                + "Something wakes itself without end.");
        }
    }

    private void CountMinute(Instant moment)
    {
        if (moment - _minuteBegan >= Minute)
        {
            _minuteBegan = moment;
            _inThisMinute = 0;
        }

        if (++_inThisMinute > EventsInAMinuteMax)
        {
            throw new InvalidOperationException(
                $"Time hardly passes at {moment - Start}: more than {EventsInAMinuteMax} events since {_minuteBegan - Start}. "
                + "Something asks again and again without a growing pause.");
        }
    }

    /// <summary>Lets time pass up to <paramref name="moment"/> without an event; for the end of a run.</summary>
    public void AdvanceTo(Instant moment) => Now = Instant.Max(Now, moment);
}
