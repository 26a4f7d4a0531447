using LocalPv.Core.Units;

namespace LocalPv.Sim.Engine;

/// <summary>
/// A process's own time: ahead of the true time or faster or slower than it, but never back, as production clocks of agents are.
/// </summary>
internal sealed class ProcessClock
{
    private Instant _trueAnchor;
    private Instant _ownAnchor;
    private int _percent = 100;
    private bool _isTrue = true;

    /// <summary>What the process takes for the present.</summary>
    internal Instant Own(Instant now) => _isTrue ? now : _ownAnchor + Scale(now - _trueAnchor, _percent, 100);

    /// <summary>When it will truly be what the process calls <paramref name="own"/>.</summary>
    internal Instant True(Instant own)
    {
        if (_isTrue || own == Instant.Never)
        {
            return own;
        }

        var ahead = own - _ownAnchor;
        return ahead <= TimeSpan.Zero ? _trueAnchor : _trueAnchor + Scale(ahead, 100, _percent) + TimeSpan.FromTicks(1);
    }

    /// <summary>From now on the clock is <paramref name="jump"/> further ahead and runs at that many percent of the true rate.</summary>
    internal void Set(Instant now, TimeSpan jump, int percent)
    {
        var own = Own(now) + jump;
        (_trueAnchor, _ownAnchor, _percent, _isTrue) = (now, own, percent, own == now && percent == 100);
    }

    /// <summary>A new process takes its time from the wall clock, which is right by then.</summary>
    internal void Reset(Instant now) => (_trueAnchor, _ownAnchor, _percent, _isTrue) = (now, now, 100, true);

    private static TimeSpan Scale(TimeSpan span, int times, int by) => new((long)((Int128)span.Ticks * times / by));
}
