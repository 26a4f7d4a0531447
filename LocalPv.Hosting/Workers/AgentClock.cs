using LocalPv.Core.Units;

namespace LocalPv.Hosting.Workers;

/// <summary>
/// The time for agents: the wall clock's at the start, and from then on only forward, however the wall clock is set. The kernel's slewing
/// (NTP) still reaches it. Safe for any thread.
/// </summary>
public sealed class AgentClock
{
    private readonly TimeProvider _time;
    private readonly Instant _start;
    private readonly long _startStamp;

    /// <summary>A clock that starts now.</summary>
    public AgentClock(TimeProvider time)
    {
        _time = time;
        _start = Instant.From(time.GetUtcNow());
        _startStamp = time.GetTimestamp();
    }

    /// <summary>The present.</summary>
    public Instant Now => _start + _time.GetElapsedTime(_startStamp);

    /// <summary>
    /// How far the wall clock has been set since the start, forward or (negative) back; also the time for which the machine slept. What is
    /// written into the cluster is wrong by so much: only a restart mends that, since no deadline may come earlier than was waited for.
    /// </summary>
    public TimeSpan WallClockSet => Instant.From(_time.GetUtcNow()) - Now;
}
