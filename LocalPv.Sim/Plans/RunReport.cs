using LocalPv.Sim.Checking;

namespace LocalPv.Sim.Plans;

/// <summary>What came of a plan's run.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Violation">The first broken invariant, or a bug; null where all was well.</param>
/// <param name="TraceHash">The SHA-256 of the whole trace.</param>
/// <param name="TraceLines">How many lines the trace has.</param>
/// <param name="Events">How many events happened.</param>
/// <param name="Commits">How many writes the API server committed.</param>
/// <param name="Simulated">How much virtual time passed.</param>
/// <param name="Marks">What was seen, and how often.</param>
public sealed record RunReport(
    Plan Plan,
    Violation? Violation,
    string TraceHash,
    long TraceLines,
    long Events,
    long Commits,
    TimeSpan Simulated,
    IReadOnlyDictionary<string, long> Marks)
{
    /// <summary>Whether nothing was broken.</summary>
    public bool IsGood => Violation is null;
}
