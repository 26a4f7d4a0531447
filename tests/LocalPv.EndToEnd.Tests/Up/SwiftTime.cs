namespace LocalPv.EndToEnd.Tests.Up;

/// <summary>
/// The time of the machine, which can be made to pass faster: what then waits for a minute by this clock waits for less by the wall's, and
/// every clock, deadline and pause that is taken from it agrees that it was a minute.
/// </summary>
internal sealed class SwiftTime : TimeProvider, IDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(2);

    private readonly Lock _gate = new();
    private readonly List<Alarm> _timers = [];
    private readonly DateTimeOffset _start = System.GetUtcNow();
    private readonly Timer _heart;
    private long _anchor = System.GetTimestamp();
    private TimeSpan _before;
    private int _factor = 1;

    /// <summary>A clock that goes as the wall's does.</summary>
    public SwiftTime() => _heart = new Timer(_ => FireWhatIsDue(), null, Beat, Beat);

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    private TimeSpan Elapsed
    {
        get
        {
            lock (_gate)
            {
                return _before + (System.GetElapsedTime(_anchor) * _factor);
            }
        }
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _start + Elapsed;

    /// <inheritdoc/>
    public override long GetTimestamp() => Elapsed.Ticks;

    /// <summary>From now on, so many seconds pass in one of the wall's.</summary>
    public void Go(int factor)
    {
        lock (_gate)
        {
            (_before, _anchor, _factor) = (Elapsed, System.GetTimestamp(), factor);
        }
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Alarm(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <inheritdoc/>
    public void Dispose() => _heart.Dispose();

    private void FireWhatIsDue()
    {
        Alarm[] due;
        lock (_gate)
        {
            var now = Elapsed;
            due = [.. _timers.Where(timer => timer.DueAt <= now)];
            foreach (var timer in due)
            {
                timer.GoOn(now);
            }
        }

        foreach (var timer in due)
        {
            timer.Fire();
        }
    }

    private sealed class Alarm(SwiftTime time, Action fire) : ITimer
    {
        private TimeSpan _period;

        public TimeSpan DueAt { get; private set; }

        public void Fire() => fire();

        // Called under the lock.
        public void GoOn(TimeSpan now)
        {
            if (_period > TimeSpan.Zero)
            {
                DueAt = now + _period;
            }
            else
            {
                time._timers.Remove(this);
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._gate)
            {
                time._timers.Remove(this);
                _period = period;
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    DueAt = time.Elapsed + dueTime;
                    time._timers.Add(this);
                }
            }

            return true;
        }

        public void Dispose()
        {
            lock (time._gate)
            {
                time._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
