namespace LocalPv.Hosting.Workers;

/// <summary>The bounds of an <see cref="AgentWorker"/>.</summary>
public sealed record AgentWorkerOptions
{
    /// <summary>How many effects run at once. 16: as many requests as one agent may reasonably have open with the API server.</summary>
    public int EffectsInFlightMax { get; init; } = 16;

    /// <summary>
    /// How many watch signals wait for the agent before the watches are no longer read, so that the server's own flow control slows them
    /// down. 8192: a few seconds of the busiest watch.
    /// </summary>
    public int WatchSignalsWaitingMax { get; init; } = 8192;

    /// <summary>How many effects may wait for their turn. An agent bounds its own calls far below; more is a bug and ends the
    /// process.</summary>
    public int EffectsWaitingMax { get; init; } = 100_000;

    /// <summary>
    /// How long effects that run may take to end after the stop was asked for. 15 s: a change of LVM finishes what it has begun, and the
    /// process is killed after 30 s.
    /// </summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(15);
}
