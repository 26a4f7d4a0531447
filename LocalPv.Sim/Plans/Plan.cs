using System.Collections.Immutable;

namespace LocalPv.Sim.Plans;

/// <summary>
/// Everything that happens to a simulated cluster, as data: its shape, its knobs, what users do and what goes wrong, each at its moment.
/// The same plan gives the same run, to the byte of its trace. Targets are bound late (see <see cref="Target"/>), so that every plan
/// with steps taken out is a plan too. Read and written as text by <see cref="PlanReader"/> and <see cref="PlanWriter"/>.
/// </summary>
public sealed record Plan
{
    /// <summary>What it is about, from its first comment line.</summary>
    public string Title { get; init; } = "";

    /// <summary>The seed of latencies, ties and chances.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The nodes.</summary>
    public ClusterShape Cluster { get; init; } = ClusterShape.Default;

    /// <summary>Periods, time limits, sizes that differ from the defaults.</summary>
    public Knobs Knobs { get; init; } = Knobs.None;

    /// <summary>What happens, in order of time, then of the text.</summary>
    public ImmutableArray<TimedStep> Steps { get; init; } = [];

    /// <summary>
    /// When the chaos ends: every fault that is not for ever is over, every process runs, and from then on the cluster must recover.
    /// Null for a plan without an end of chaos, such as a scenario's.
    /// </summary>
    public TimeSpan? HealAt { get; init; }

    /// <summary>How long the run goes on after that. Every liveness invariant has its own bound within it, and then silence.</summary>
    public TimeSpan Recovery { get; init; } = TimeSpan.FromMinutes(40);

    /// <summary>What users and operators do.</summary>
    public IEnumerable<TimedStep> Operations => Steps.Where(step => step.What is not Step.Break);

    /// <summary>What goes wrong.</summary>
    public IEnumerable<TimedStep> Faults => Steps.Where(step => step.What is Step.Break);

    /// <summary>How many nodes, operations, faults and knobs it has: what shrinking makes smaller.</summary>
    public PlanSize Size => new(Cluster.Nodes, Operations.Count(), Faults.Count(), Knobs.Count);

    /// <inheritdoc/>
    public bool Equals(Plan? other) => other is not null && PlanWriter.Write(this) == PlanWriter.Write(other);

    /// <inheritdoc/>
    public override int GetHashCode() => PlanWriter.Write(this).GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => PlanWriter.Write(this);
}

/// <summary>How large a plan is.</summary>
public readonly record struct PlanSize(int Nodes, int Operations, int Faults, int Knobs)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Nodes} nodes, {Operations} operations, {Faults} faults, {Knobs} knobs";
}

/// <summary>A step, and when it is taken, counted from the start.</summary>
/// <param name="At">When.</param>
/// <param name="What">What.</param>
/// <param name="Line">The line of the text that says so; 0 where there is no text.</param>
public sealed record TimedStep(TimeSpan At, Step What, int Line = 0);

/// <summary>A claim as a plan writes it: <c>name:size:class</c>.</summary>
public sealed record ClaimText(string Name, string Size, string Class)
{
    /// <inheritdoc/>
    public override string ToString() => Size.Length == 0 ? Name : $"{Name}:{Size}:{Class}";
}
