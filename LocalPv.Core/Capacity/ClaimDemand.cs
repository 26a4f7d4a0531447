using System.Collections.Immutable;
using LocalPv.Core.Identity;
using LocalPv.Core.Units;

namespace LocalPv.Core.Capacity;

/// <summary>A claim of one of our classes, reduced to what the ledger needs.</summary>
/// <param name="Uid">Its identity; everything is counted once per uid.</param>
/// <param name="Key">Where it is found.</param>
/// <param name="Class">The class it asks for.</param>
/// <param name="Size">How much it asks for.</param>
public sealed record ClaimDemand(ClaimUid Uid, ClaimKey Key, StorageClassName Class, Bytes Size)
{
    /// <summary>The node that <c>selected-node</c> names; null while there is none.</summary>
    public NodeName? SelectedNode { get; init; }

    /// <summary>
    /// Whether it is bound, so that its volume exists and no new one will be made. Reports that come later must show the volume.
    /// </summary>
    public bool Bound { get; init; }

    /// <summary>Why no node can ever serve it, for a person; null where one can. Such a claim takes no space.</summary>
    public string? Impossible { get; init; }

    /// <summary>The nodes where it failed, each with the time until which it is kept away from there.</summary>
    public ImmutableArray<KeptAway> KeptAway { get; init; } = [];
}

/// <summary>A node that a claim is kept away from for a while, since its volume could not be made there.</summary>
/// <param name="Node">The node.</param>
/// <param name="Until">When the claim may go there again.</param>
/// <param name="Reason">The word the node's agent gave, such as <c>NoSpace</c>.</param>
/// <param name="FailedAt">When it failed, by the node's clock: only to tell one failure from another.</param>
public sealed record KeptAway(NodeName Node, Instant Until, string Reason, Instant FailedAt);
