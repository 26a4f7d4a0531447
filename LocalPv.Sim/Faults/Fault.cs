namespace LocalPv.Sim.Faults;

/// <summary>Something that goes wrong, as a value in a plan: what, to whom, for how long, and how badly.</summary>
/// <param name="Type">What.</param>
/// <param name="Target">A process or a node, perhaps late-bound; empty for the whole cluster.</param>
public sealed record Fault(FaultType Type, string Target)
{
    /// <summary>How long it lasts; zero for what happens in a moment. Not used where <see cref="Forever"/>.</summary>
    public TimeSpan For { get; init; }

    /// <summary>Whether it is still there when the rest is healed.</summary>
    public bool Forever { get; init; }

    /// <summary>By how much: a lag, a delay, an offset.</summary>
    public TimeSpan By { get; init; }

    /// <summary>How often, of a hundred; for a clock's rate, how fast.</summary>
    public int Percent { get; init; } = 100;

    /// <summary>Which of the node's disks, from 1.</summary>
    public int Disk { get; init; } = 1;

    /// <summary>What is known about faults of this type.</summary>
    public FaultInfo Info => FaultCatalog.Of(Type);
}
