using System.Diagnostics.CodeAnalysis;
using LocalPv.Core.Capacity;

namespace LocalPv.Core.Placement;

/// <summary>What became of one node in a filter.</summary>
public enum VerdictKind
{
    /// <summary>All claims of the Pod fit there together.</summary>
    Fits,

    /// <summary>A class of the Pod has no storage there.</summary>
    NoStorage,

    /// <summary>A class of the Pod takes no new volumes there now.</summary>
    Closed,

    /// <summary>There is too little space.</summary>
    NoSpace,

    /// <summary>There is space, but on too few disks for the layout.</summary>
    TooFewDisks,

    /// <summary>A claim of the Pod cannot be served on any node.</summary>
    Impossible,

    /// <summary>A claim failed there and is kept away for a while.</summary>
    KeptAway,
}

/// <summary>A verdict with its numbers, so small that thousands cost nothing; <see cref="VerdictText"/> puts it into words.</summary>
[SuppressMessage("Performance", "CA1815", Justification = "Never compared.")]
public readonly struct NodeVerdict
{
    /// <summary>A verdict.</summary>
    public NodeVerdict(VerdictKind kind, int claim, VolumeGroupReport? report = null, long available = 0, long needed = 0)
    {
        Kind = kind;
        Claim = claim;
        Report = report;
        Available = available;
        Needed = needed;
    }

    /// <summary>What became of the node.</summary>
    public VerdictKind Kind { get; }

    /// <summary>Which of the Pod's claims decided, by its place in the list that was asked about.</summary>
    public int Claim { get; }

    /// <summary>The report that decided; null where there is none.</summary>
    public VolumeGroupReport? Report { get; }

    /// <summary>For <see cref="VerdictKind.NoSpace"/>: the extents that may still be promised; negative where too many are.</summary>
    public long Available { get; }

    /// <summary>For <see cref="VerdictKind.NoSpace"/>: the extents that the Pod's claims take from the group together.</summary>
    public long Needed { get; }
}
