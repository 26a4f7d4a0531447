using System.Diagnostics;

namespace LocalPv.Sim.CommandLine;

/// <summary>The time that a person waits for a command; what is simulated never sees it.</summary>
internal sealed class WallClock
{
    private readonly long _start = Stopwatch.GetTimestamp();

    /// <summary>How long it is since this clock was made.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);
}
