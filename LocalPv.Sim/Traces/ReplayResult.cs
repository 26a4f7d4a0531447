using System.Collections.Immutable;
using LocalPv.Core.Units;

namespace LocalPv.Sim.Traces;

/// <summary>What came of replaying an agent's trace.</summary>
/// <param name="Who">The agent's node, or the identity of the cluster's agent; empty where the trace does not say.</param>
/// <param name="Version">The version of LocalPv that wrote the trace.</param>
/// <param name="Steps">How many steps were replayed.</param>
/// <param name="Divergences">The steps in which the replayed agent wanted something else, the first ones.</param>
/// <param name="End">Why the trace ends; null where it does not say, since its agent was killed or its file is cut off.</param>
/// <param name="Problem">Why the trace could not be replayed to its end; null where it could.</param>
public sealed record ReplayResult(
    string Who, string Version, long Steps, ImmutableArray<TraceDivergence> Divergences, string? End, string? Problem);

/// <summary>A step in which a replayed agent wanted something else than its trace says.</summary>
/// <param name="Step">The step's number.</param>
/// <param name="Line">Its line in the file.</param>
/// <param name="At">When it was.</param>
/// <param name="Happened">What happened to the agent, as the trace has it.</param>
/// <param name="OnlyRecorded">The effects that only the trace has.</param>
/// <param name="OnlyReplayed">The effects that only the replay has.</param>
public sealed record TraceDivergence(
    long Step, int Line, Instant At, string Happened, ImmutableArray<string> OnlyRecorded, ImmutableArray<string> OnlyReplayed)
{
    internal static TraceDivergence Of(
        long step, int line, Instant at, string happened, IReadOnlyList<string> recorded, IReadOnlyList<string> replayed)
    {
        var (surplus, missing) = (Without(recorded, replayed), Without(replayed, recorded));

        // The same effects in another order: then all of them are shown.
        return surplus.IsEmpty && missing.IsEmpty
            ? new TraceDivergence(step, line, at, happened, [.. recorded], [.. replayed])
            : new TraceDivergence(step, line, at, happened, surplus, missing);
    }

    private static ImmutableArray<string> Without(IEnumerable<string> all, IEnumerable<string> others)
    {
        var left = others.ToList();
        return [.. all.Where(one => !left.Remove(one))];
    }
}
