using LocalPv.Sim.Checking;

namespace LocalPv.Sim.Plans;

/// <summary>How a plan is run.</summary>
public sealed record RunOptions
{
    /// <summary>Makes the invariants of a run.</summary>
    public Func<IEnumerable<Invariant>> Invariants { get; init; } = InvariantCatalog.CreateAll;

    /// <summary>Where the trace is written to as well; stays open.</summary>
    public Stream? TraceCopy { get; init; }

    /// <summary>Stop after that many events; null to run to the end.</summary>
    public long? Until { get; init; }

    /// <summary>Stop at that moment, counted from the start; null to run to the end.</summary>
    public TimeSpan? UntilTime { get; init; }

    /// <summary>Breaks the run off, with a report of what came until then.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>More observers of the run, such as a report's; they break nothing.</summary>
    public IEnumerable<Invariant> Observers { get; init; } = [];
}
