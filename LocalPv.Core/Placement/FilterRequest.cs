using System.Collections.Immutable;

namespace LocalPv.Core.Placement;

/// <summary>What the scheduler asks: on which of these nodes does the Pod's storage fit, or how well?</summary>
/// <param name="Pod">The Pod.</param>
/// <param name="NodeNames">The nodes; the answer is about no other.</param>
public sealed record FilterRequest(PodToPlace Pod, ImmutableArray<string> NodeNames);

/// <summary>A node that was turned away, and why, for a person.</summary>
public readonly record struct RejectedNode(string Node, string Reason);

/// <summary>
/// The answer to a filter. Every node that was asked about is in one of the two lists, in the order of the request, unless there is an
/// error: then the scheduler tries the Pod again in a moment.
/// </summary>
/// <param name="Passed">The nodes where the Pod's storage fits.</param>
/// <param name="Rejected">
/// The others. Evicting Pods frees no volume, so they belong into <c>FailedAndUnresolvableNodes</c>.
/// </param>
/// <param name="Error">Why there is no answer; empty where there is one.</param>
public sealed record FilterDecision(ImmutableArray<string> Passed, ImmutableArray<RejectedNode> Rejected, string Error)
{
    /// <summary>No answer.</summary>
    public static FilterDecision Failed(string error) => new([], [], error);
}

/// <summary>How well a node suits, from 0 to 10.</summary>
public readonly record struct ScoredNode(string Node, int Score);

/// <summary>The answer to a prioritize: a score for every node that was asked about, in the order of the request.</summary>
/// <param name="Scores">The scores.</param>
/// <param name="Error">Why there is no answer; empty where there is one.</param>
public sealed record PrioritizeDecision(ImmutableArray<ScoredNode> Scores, string Error);
