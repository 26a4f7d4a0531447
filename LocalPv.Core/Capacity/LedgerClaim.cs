using LocalPv.Core.Units;

namespace LocalPv.Core.Capacity;

/// <summary>What the ledger knows of one claim. Owned and changed by the <see cref="CapacityLedger"/> only.</summary>
public sealed class LedgerClaim
{
    // What a volume for the claim takes, by the number of its cost; -1 where that was not yet computed.
    private long[] _extents = [];

    internal LedgerClaim(ClaimDemand demand, int classNumber)
    {
        Demand = demand;
        ClassNumber = classNumber;
    }

    /// <summary>The claim as last heard of.</summary>
    public ClaimDemand Demand { get; private set; }

    /// <summary>The number of its class in the ledger.</summary>
    public int ClassNumber { get; }

    /// <summary>The number of the node it is promised to, or -1.</summary>
    public int PromisedTo { get; internal set; } = -1;

    /// <summary>
    /// Until when its promise stays though the claim is gone, <see cref="Instant.Never"/> where only a report ends it; null while it is
    /// there.
    /// </summary>
    internal Instant? GoneUntil { get; set; }

    /// <summary>When to look whether the promise of a bound claim is settled; null where there is nothing to look for.</summary>
    internal Instant? LookAt { get; set; }

    /// <summary>
    /// The last scan of its node that was known when <see cref="LookAt"/> or <see cref="GoneUntil"/> was set; null where there was none.
    /// </summary>
    internal long? ScanBefore { get; set; }

    /// <summary>
    /// Whether its volume was made and accounted for, so that it is promised to no node any more unless it is to grow.
    /// </summary>
    internal bool IsSettled { get; set; }

    /// <summary>Whether the claim itself is gone and only its promise is left.</summary>
    internal bool IsGone => GoneUntil is not null;

    /// <summary>When time does something with it.</summary>
    internal Instant Deadline => GoneUntil ?? Instant.Min(Offer?.Until ?? Instant.Never, LookAt ?? Instant.Never);

    /// <summary>Its offer, or null.</summary>
    internal ClaimOffer? Offer { get; set; }

    internal long ExtentsAt(int costNumber, IReadOnlyList<VolumeCost> costs)
    {
        if (costNumber < _extents.Length && _extents[costNumber] >= 0)
        {
            return _extents[costNumber];
        }

        if (costNumber >= _extents.Length)
        {
            var before = _extents.Length;
            Array.Resize(ref _extents, costs.Count);
            _extents.AsSpan(before).Fill(-1);
        }

        return _extents[costNumber] = costs[costNumber].Of(Demand.Size).Value;
    }

    internal void Replace(ClaimDemand demand)
    {
        if (demand.Size != Demand.Size)
        {
            _extents = [];
        }

        Demand = demand;
    }
}

/// <summary>A claim's offer: the nodes that a Pod which uses it was allowed, of which the scheduler may choose any.</summary>
internal sealed class ClaimOffer
{
    /// <summary>The nodes.</summary>
    public NodeSet Nodes { get; } = new();

    /// <summary>The Pod that asked last.</summary>
    public string PodUid { get; set; } = "";

    /// <summary>When it ends by itself.</summary>
    public Instant Until { get; set; }
}
