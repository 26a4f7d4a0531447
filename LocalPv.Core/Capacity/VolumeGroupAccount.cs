using LocalPv.Core.Identity;

namespace LocalPv.Core.Capacity;

/// <summary>One volume group on one node: what its reports say, and what of it is promised. The ledger's own.</summary>
internal sealed class VolumeGroupAccount(int node, VolumeGroupName group, bool thin)
{
    /// <summary>The number of its node.</summary>
    public int Node { get; } = node;

    /// <summary>The name of the group.</summary>
    public VolumeGroupName Group { get; } = group;

    /// <summary>Whether it counts what the group's thin pool may promise, which is not the same space as the group's extents.</summary>
    public bool Thin { get; } = thin;

    /// <summary>The reports that name the group: one of each class that uses it. Never empty.</summary>
    public List<VolumeGroupReport> Reports { get; } = [];

    /// <summary>
    /// What is not promised to a claim by <c>selected-node</c>, in extents, reserve taken off. Negative where too much is promised.
    /// </summary>
    public long Unpromised { get; set; }

    /// <summary>What is offered to claims for which no node has been chosen yet, in extents.</summary>
    public long Offered { get; set; }
}

/// <summary>One class on one node, for the decision: small, so that many lie in one cache line.</summary>
/// <param name="account">The number of the account, or -1 where the class takes no new volume there.</param>
/// <param name="cost">The number of the cost of a volume there.</param>
internal readonly struct ClassSlot(int account, int cost)
{
    private readonly int _accountPlusOne = account + 1;

    /// <summary>The number of the account, or -1 where the class has none there.</summary>
    public int Account => _accountPlusOne - 1;

    /// <summary>The number of the cost of a volume there.</summary>
    public int Cost { get; } = cost;
}
