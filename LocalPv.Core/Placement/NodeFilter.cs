using LocalPv.Core.Capacity;
using LocalPv.Core.Units;

namespace LocalPv.Core.Placement;

/// <summary>
/// Decides on which nodes all claims of a Pod fit together. Reads the ledger and changes nothing: the same ledger, claims and time give
/// the same verdicts, and a claim's own promise, offer or volume never speaks against a node.
/// </summary>
internal static class NodeFilter
{
    /// <summary>
    /// Judges nodes by their numbers, -1 for those the ledger has never heard of, into as many verdicts, and makes those that pass the
    /// members of <paramref name="passed"/>. Costs some nanoseconds for a node that fits, and no memory that grows with the nodes.
    /// </summary>
    /// <returns>How many nodes do not pass.</returns>
    public static int Judge(
        CapacityLedger ledger, Instant now, ClaimGroups pod, ReadOnlySpan<int> nodes, Span<NodeVerdict> verdicts, NodeSet passed)
    {
        verdicts = verdicts[..nodes.Length];
        var away = KeptAway(ledger, now, pod, nodes);
        if (pod.Groups.Length > 1 || ledger.MindsDisks || Array.Exists(pod.Claims, ledger.IsReported))
        {
            passed.Clear();
            var rejected = 0;
            for (var i = 0; i < nodes.Length; i++)
            {
                rejected += Note(verdicts[i] = JudgeExactly(ledger, pod, away, nodes[i]), nodes[i], passed);
            }

            return rejected;
        }

        return JudgeInOneGroup(ledger, pod, away, nodes, verdicts, passed);
    }

    private static int Note(in NodeVerdict verdict, int node, NodeSet passed)
    {
        if (verdict.Kind != VerdictKind.Fits)
        {
            return 1;
        }

        passed.Add(node);
        return 0;
    }

    // The usual case: one class, and nothing that has to be looked at node by node but two numbers.
    private static int JudgeInOneGroup(
        CapacityLedger ledger, ClaimGroups pod, NodeSet? away, ReadOnlySpan<int> nodes, Span<NodeVerdict> verdicts, NodeSet passed)
    {
        var rejected = 0;
        var group = pod.Groups[0];
        var slots = ledger.Slots(group.ClassNumber);
        var reports = ledger.Reports(group.ClassNumber);
        var available = ledger.AvailableByAccount;
        var extents = group.ExtentsByCost.AsSpan();

        var bits = passed.ClearFor(slots.Length);

        // Nearly all fit, and to clear verdicts at once costs a tenth of writing each.
        verdicts.Clear();
        for (var i = 0; i < nodes.Length; i++)
        {
            var node = nodes[i];
            if (node < 0 || node >= slots.Length || slots[node].Account < 0 || away?.Contains(node) == true)
            {
                rejected += Note(verdicts[i] = JudgeExactly(ledger, pod, away, node), node, passed);
                continue;
            }

            var slot = slots[node];
            var left = available[slot.Account];
            var needed = extents[slot.Cost];
            if (left >= needed)
            {
                bits[node >>> 6] |= 1UL << (node & 63);
            }
            else
            {
                verdicts[i] = HasSomethingAt(pod, node)
                    ? JudgeExactly(ledger, pod, away, node)
                    : new NodeVerdict(VerdictKind.NoSpace, group.FirstClaim, reports[node], left, needed);
                rejected += Note(verdicts[i], node, passed);
            }
        }

        return rejected;
    }

    // Whether a claim of the Pod already has something on the node, so that what is counted against it there must be taken back.
    private static bool HasSomethingAt(ClaimGroups pod, int node)
    {
        foreach (var claim in pod.Claims)
        {
            if (claim.PromisedTo == node || CapacityLedger.IsOffered(claim, node))
            {
                return true;
            }
        }

        return false;
    }

    private static bool AreAllThere(ClaimGroups.Group group, VolumeGroupReport report)
    {
        foreach (var claim in group.Claims)
        {
            if (!report.Holds(claim.Demand.Uid))
            {
                return false;
            }
        }

        return true;
    }

    private static NodeVerdict JudgeExactly(CapacityLedger ledger, ClaimGroups pod, NodeSet? away, int node)
    {
        if (node < 0)
        {
            return new NodeVerdict(VerdictKind.NoStorage, 0);
        }

        foreach (var group in pod.Groups)
        {
            var report = ledger.ReportAt(group.ClassNumber, node);
            if (report?.Group is null && report?.Closed is null)
            {
                return new NodeVerdict(VerdictKind.NoStorage, group.FirstClaim);
            }

            if (report.Closed is not null && !AreAllThere(group, report))
            {
                return new NodeVerdict(VerdictKind.Closed, group.FirstClaim, report);
            }
        }

        if (away?.Contains(node) == true)
        {
            return new NodeVerdict(VerdictKind.KeptAway, FirstKeptAway(ledger, pod, node));
        }

        foreach (var group in pod.Groups)
        {
            var account = ledger.AccountAt(group.ClassNumber, node);
            var needed = Needed(ledger, pod, node, account);
            if (account < 0 || needed == 0)
            {
                continue;
            }

            var left = HasSomethingAt(pod, node)
                ? ledger.AvailableExcept(account, pod.Claims)
                : ledger.AvailableByAccount[account];
            if (left < needed)
            {
                return new NodeVerdict(
                    VerdictKind.NoSpace, group.FirstClaim, ledger.ReportAt(group.ClassNumber, node), left, needed);
            }

            if (ledger.MindsDisks && !ledger.FitsOnDisks(account, pod.Claims))
            {
                return new NodeVerdict(
                    VerdictKind.TooFewDisks, group.FirstClaim, ledger.ReportAt(group.ClassNumber, node), left, needed);
            }
        }

        return default;
    }

    // The extents that the Pod's claims still need from a group: a volume that is there already needs none.
    private static long Needed(CapacityLedger ledger, ClaimGroups pod, int node, int account)
    {
        var sum = 0L;
        foreach (var group in pod.Groups)
        {
            if (ledger.AccountAt(group.ClassNumber, node) != account)
            {
                continue;
            }

            var report = ledger.ReportAt(group.ClassNumber, node)!;
            var cost = ledger.CostAt(group.ClassNumber, node);
            foreach (var claim in group.Claims)
            {
                sum = checked(sum + (report.Holds(claim.Demand.Uid) ? 0 : ledger.ExtentsAt(claim, cost)));
            }
        }

        return sum;
    }

    private static NodeSet? KeptAway(CapacityLedger ledger, Instant now, ClaimGroups pod, ReadOnlySpan<int> nodes)
    {
        NodeSet? away = null;
        foreach (var claim in pod.Claims)
        {
            // The scheduler offers no other node for a claim that has one. That it does now shows that the claim was taken back from its
            // node, which we have not heard yet: it failed there.
            if (claim.PromisedTo >= 0 && nodes.ContainsAnyExcept(claim.PromisedTo))
            {
                (away ??= new NodeSet()).Add(claim.PromisedTo);
            }

            foreach (var entry in claim.Demand.KeptAway)
            {
                if (entry.Until > now && ledger.Nodes.Find(entry.Node) is >= 0 and var node)
                {
                    (away ??= new NodeSet()).Add(node);
                }
            }
        }

        return away;
    }

    private static int FirstKeptAway(CapacityLedger ledger, ClaimGroups pod, int node)
    {
        for (var i = 0; i < pod.Claims.Length; i++)
        {
            if (IsKeptAway(ledger, pod.Claims[i], node))
            {
                return i;
            }
        }

        return 0;
    }

    private static bool IsKeptAway(CapacityLedger ledger, LedgerClaim claim, int node)
    {
        if (claim.PromisedTo == node)
        {
            return true;
        }

        foreach (var entry in claim.Demand.KeptAway)
        {
            if (ledger.Nodes.NameOf(node) == entry.Node)
            {
                return true;
            }
        }

        return false;
    }
}
