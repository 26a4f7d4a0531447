using System.Collections.Immutable;

namespace LocalPv.Fake.Scheduling;

/// <summary>One extender as the scheduler's configuration describes it (<c>kubescheduler.config.k8s.io/v1</c>, <c>Extender</c>).</summary>
public sealed record ExtenderSettings
{
    /// <summary>Where it is reached, without the verb; also its name in messages.</summary>
    public string UrlPrefix { get; init; } = "http://127.0.0.1:8900/scheduler";

    /// <summary>Whether it is asked to filter nodes.</summary>
    public bool Filters { get; init; } = true;

    /// <summary>Whether it is asked for scores.</summary>
    public bool Prioritizes { get; init; } = true;

    /// <summary>What its scores are multiplied by; at least 1 where it prioritizes.</summary>
    public long Weight { get; init; } = 1;

    /// <summary>Whether it keeps its own copy of the nodes, so that names are enough.</summary>
    public bool NodeCacheCapable { get; init; } = true;

    /// <summary>Whether an error of its filter is passed over.</summary>
    public bool Ignorable { get; init; }

    /// <summary>How long a call may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The names of the resources whose Pods it is asked about; empty for every Pod.</summary>
    public ImmutableArray<string> ManagedResources { get; init; } = [];

    /// <summary>The address of a verb, as error messages name it.</summary>
    public string UrlOf(ExtenderVerb verb) => UrlPrefix.TrimEnd('/') + "/" + (verb == ExtenderVerb.Filter ? "filter" : "prioritize");
}
