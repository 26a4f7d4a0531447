using System.Collections.Immutable;
using LocalPv.Core.Agents;

namespace LocalPv.Fake.Scheduling;

/// <summary>How a scheduler is set up: its configuration file, and the seed of its tie-breaks.</summary>
public sealed record SchedulerOptions
{
    /// <summary>The Pods that name this scheduler are its own; also the reporting component of its events.</summary>
    public string SchedulerName { get; init; } = "default-scheduler";

    /// <summary>The extenders in the order of the configuration; those that are ignorable are asked last.</summary>
    public ImmutableArray<ExtenderSettings> Extenders { get; init; } = [];

    /// <summary>
    /// How many percent of the nodes are looked at until enough are feasible (<c>percentageOfNodesToScore</c>); 0 lets the size of the
    /// cluster decide, 100 looks at all.
    /// </summary>
    public int PercentageOfNodesToScore { get; init; }

    /// <summary>Decides ties between nodes of equal score.</summary>
    public ulong Seed { get; init; }

    /// <summary>The periods of the copies of objects.</summary>
    public ReflectorOptions Reflector { get; init; } = new();

    /// <summary>The version it behaves like.</summary>
    public SchedulerVersion Version { get; init; } = SchedulerVersion.Kubernetes136;
}
