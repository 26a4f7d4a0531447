using System.Collections.Immutable;
using LocalPv.Core.Agents;

namespace LocalPv.Fake.Scheduling;

/// <summary>What one scheduling cycle hands on to the next.</summary>
internal sealed class SchedulingContext(SchedulerOptions options, CallNumbers numbers)
{
    /// <summary>The version it behaves like.</summary>
    public SchedulerVersion Version { get; } = options.Version;

    /// <summary>The extenders in the order they are asked: ignorable ones last (<c>buildExtenders</c>).</summary>
    public ImmutableArray<ExtenderSettings> Extenders { get; } =
        [.. options.Extenders.Where(one => !one.Ignorable), .. options.Extenders.Where(one => one.Ignorable)];

    /// <summary>Numbers calls.</summary>
    public CallNumbers Numbers { get; } = numbers;

    /// <summary>Decides between nodes of equal score.</summary>
    public TieBreaker Ties { get; } = new(options.Seed);

    /// <summary>How many feasible nodes end the search in a cluster of <paramref name="nodes"/> nodes.</summary>
    public int FeasibleNodesToFind(int nodes) => Version.FeasibleNodesToFind(nodes, options.PercentageOfNodesToScore);

    /// <summary>The node at which the next search begins, so that all have their turn.</summary>
    public int NextStart { get; set; }
}
