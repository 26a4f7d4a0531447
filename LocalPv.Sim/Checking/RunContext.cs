using LocalPv.Core.Units;
using LocalPv.Sim.Plans;
using LocalPv.Sim.World;

namespace LocalPv.Sim.Checking;

/// <summary>A run, as an invariant sees it.</summary>
public sealed class RunContext
{
    internal RunContext(SimulatedCluster cluster, Marks marks)
    {
        Cluster = cluster;
        Marks = marks;
    }

    /// <summary>The cluster: the truth.</summary>
    public SimulatedCluster Cluster { get; }

    /// <summary>What happens in it.</summary>
    public Plan Plan => Cluster.Plan;

    /// <summary>The true time.</summary>
    public Instant Now => Cluster.Loop.Now;

    /// <summary>When the chaos ended; null while it lasts.</summary>
    public Instant? HealedAt { get; internal set; }

    /// <summary>What was seen.</summary>
    public Marks Marks { get; }

    /// <summary>The first broken invariant; null while all is well.</summary>
    public Violation? Violation { get; private set; }

    internal void Break(string invariant, string what) =>
        Violation ??= new Violation(invariant, what, Now - Cluster.Loop.Start, Cluster.Loop.Happened);
}

/// <summary>A broken invariant.</summary>
/// <param name="Invariant">Its short name; <c>bug</c> for an exception.</param>
/// <param name="What">What was seen, in words.</param>
/// <param name="At">When, counted from the start.</param>
/// <param name="Event">After which event, counted from 1.</param>
public sealed record Violation(string Invariant, string What, TimeSpan At, long Event)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Invariant}: {What}";
}
