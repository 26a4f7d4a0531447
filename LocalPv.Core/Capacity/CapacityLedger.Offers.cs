using System.Runtime.InteropServices;
using LocalPv.Core.Units;

namespace LocalPv.Core.Capacity;

/// <content>Offers, and what a decision reads.</content>
public sealed partial class CapacityLedger
{
    // In the order in which they were first offered.
    private readonly List<LedgerClaim> _offered = [];

    /// <summary>How many claims have an offer that was not yet answered.</summary>
    public int OfferCount => _offered.Count;

    /// <summary>
    /// Notes that the scheduler may place a claim on any of these nodes, because <paramref name="podUid"/> asked. An earlier offer to the
    /// same Pod is replaced; one to another Pod with the same claim stands beside it. No node: the Pod's offer ends.
    /// </summary>
    public void Offer(Instant now, string podUid, LedgerClaim claim, NodeSet nodes)
    {
        // Where the claim is promised already, the promise speaks.
        if (claim.PromisedTo >= 0)
        {
            nodes.Remove(claim.PromisedTo);
        }

        if (claim.Offer is { } other && other.PodUid != podUid && other.Until > now)
        {
            if (nodes.IsEmpty)
            {
                return;
            }

            nodes.AddAll(other.Nodes);
        }

        if (nodes.IsEmpty)
        {
            EndOffer(claim);
            return;
        }

        var offer = claim.Offer;
        if (offer is null)
        {
            offer = new ClaimOffer();
            _offered.Add(claim);
            Apply(claim, nodes, +1);
        }
        else
        {
            _deadlines.Remove((claim.Deadline, claim.Demand.Uid));
            ApplyDifference(claim, offer.Nodes, nodes);
        }

        offer.Nodes.CopyFrom(nodes);
        offer.PodUid = podUid;
        offer.Until = now + options.OfferLifetime;
        claim.Offer = offer;
        _deadlines.Add((claim.Deadline, claim.Demand.Uid));
    }

    /// <summary>Whether the claim has an offer that names the node.</summary>
    public static bool IsOffered(LedgerClaim claim, int node) => claim.Offer is { } offer && offer.Nodes.Contains(node);

    internal ReadOnlySpan<ClassSlot> Slots(int classNumber) => _classes[classNumber].Slots;

    internal ReadOnlySpan<VolumeGroupReport?> Reports(int classNumber) => _classes[classNumber].Reports;

    /// <summary>Whether any report shows the claim's volume.</summary>
    internal bool IsReported(LedgerClaim claim) => _reported.ContainsKey(claim.Demand.Uid);

    internal ReadOnlySpan<long> AvailableByAccount => _available;

    internal ReadOnlySpan<long> CapacityByAccount => _capacity;

    internal int CostCount => _costs.Count;

    internal VolumeGroupReport? ReportAt(int classNumber, int node) => _classes[classNumber].ReportAt(node);

    internal int AccountAt(int classNumber, int node) => _classes[classNumber].AccountAt(node);

    internal int CostAt(int classNumber, int node) => _classes[classNumber].CostAt(node);

    internal long ExtentsAt(LedgerClaim claim, int cost) => claim.ExtentsAt(cost, _costs);

    /// <summary>What an account would have if these claims were neither promised nor offered anywhere.</summary>
    internal long AvailableExcept(int account, ReadOnlySpan<LedgerClaim> claims)
    {
        var node = _accounts[account]!.Node;
        var available = checked(Unpromised(account, claims) - _accounts[account]!.Offered);
        foreach (var claim in claims)
        {
            if (IsOffered(claim, node) && AccountAt(claim.ClassNumber, node) == account)
            {
                available = checked(available + OfferedAt(claim, node, account));
            }
        }

        return available;
    }

    private void EndOffer(LedgerClaim claim)
    {
        if (claim.Offer is { } offer)
        {
            Apply(claim, offer.Nodes, -1);
            _offered.Remove(claim);
            WithDeadline(claim, static claim => claim.Offer = null);
        }
    }

    private void Apply(LedgerClaim claim, NodeSet nodes, int sign)
    {
        for (var node = nodes.Next(0); node >= 0; node = nodes.Next(node + 1))
        {
            ApplyAt(claim, node, sign);
        }
    }

    private void ApplyDifference(LedgerClaim claim, NodeSet before, NodeSet after)
    {
        for (var node = NodeSet.NextDifference(before, after, 0); node >= 0; node = NodeSet.NextDifference(before, after, node + 1))
        {
            ApplyAt(claim, node, after.Contains(node) ? +1 : -1);
        }
    }

    private void ApplyAt(LedgerClaim claim, int node, int sign)
    {
        var account = AccountAt(claim.ClassNumber, node);
        if (account >= 0)
        {
            var extents = sign * OfferedAt(claim, node, account);
            _accounts[account]!.Offered += extents;
            _available[account] -= extents;
            _freed |= extents < 0;
        }
    }

    // What an offer takes of a group: nothing where a report shows the claim's volume, whose space is gone from what is free there. The
    // report may be heard of before the choice of the node.
    private long OfferedAt(LedgerClaim claim, int node, int account)
    {
        foreach (var report in CollectionsMarshal.AsSpan(_accounts[account]!.Reports))
        {
            if (report.Holds(claim.Demand.Uid))
            {
                return 0;
            }
        }

        return claim.ExtentsAt(CostAt(claim.ClassNumber, node), _costs);
    }

    // Around a change of what a class has on a node, the offers there are taken off and put on again: those of the other classes too, which
    // may share the group.
    private void ApplyOffersAt(int node, int sign)
    {
        foreach (var claim in _offered)
        {
            if (claim.Offer!.Nodes.Contains(node))
            {
                ApplyAt(claim, node, sign);
            }
        }
    }
}
