using System.Collections.Immutable;
using LocalPv.Core.Capacity;

namespace LocalPv.Core.Placement;

/// <summary>How a filter was answered as a whole; the verdicts on the nodes go with it.</summary>
public sealed class Judgement
{
    private Judgement(ImmutableArray<ClaimDemand> claims, int rejected, string error)
    {
        Claims = claims;
        Rejected = rejected;
        Error = error;
    }

    /// <summary>The Pod needs no storage of ours: every node passes, and there are no verdicts.</summary>
    public static Judgement PassAll { get; } = new([], 0, "");

    /// <summary>The claims that were placed, which the verdicts number.</summary>
    public ImmutableArray<ClaimDemand> Claims { get; }

    /// <summary>How many nodes do not pass.</summary>
    public int Rejected { get; }

    /// <summary>Why there is no answer; empty where there is one.</summary>
    public string Error { get; }

    /// <summary>Whether every node passes without a look.</summary>
    public bool PassesAll => Claims.IsEmpty && Error.Length == 0;

    internal static Judgement Of(ImmutableArray<ClaimDemand> claims, int rejected) => new(claims, rejected, "");

    internal static Judgement Failed(string error) => new([], 0, error);
}
