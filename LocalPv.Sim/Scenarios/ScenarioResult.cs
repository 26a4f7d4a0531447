using System.Collections.Immutable;

namespace LocalPv.Sim.Scenarios;

/// <summary>What came of a run.</summary>
/// <param name="Seed">The seed of its latencies and ties.</param>
/// <param name="Expectations">Each expectation, with the virtual time since which it was true.</param>
/// <param name="Violation">The broken invariant, if any; the run stopped there.</param>
/// <param name="Milestones">What happened, for a person.</param>
/// <param name="TraceHash">The SHA-256 of the whole trace.</param>
/// <param name="TraceLines">How many lines the trace has.</param>
/// <param name="Events">How many events happened: turns of the event loop.</param>
/// <param name="Simulated">How much virtual time passed.</param>
public sealed record ScenarioResult(
    ulong Seed,
    ImmutableArray<ExpectationResult> Expectations,
    string? Violation,
    ImmutableArray<Milestone> Milestones,
    string TraceHash,
    long TraceLines,
    long Events,
    TimeSpan Simulated)
{
    /// <summary>Every expectation was true at its moment and no invariant was broken.</summary>
    public bool IsGood => Violation is null && Expectations.All(expectation => expectation.TrueSince is not null);
}

/// <summary>An expectation, since when it was true at its moment (null: it was not), and what was seen instead.</summary>
public sealed record ExpectationResult(Expectation Expectation, TimeSpan? TrueSince, string Instead);

/// <summary>Something worth telling: when, about what, what.</summary>
public sealed record Milestone(TimeSpan At, string Subject, string What);
