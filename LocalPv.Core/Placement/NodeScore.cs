using LocalPv.Core.Capacity;

namespace LocalPv.Core.Placement;

/// <summary>Says how well nodes suit that fit, from 0 to 10: by the part of the volume group that is left when the Pod is there.</summary>
internal static class NodeScore
{
    /// <summary>The best score (<c>extender/v1.MaxExtenderPriority</c>).</summary>
    public const int Best = 10;

    /// <summary>Scores nodes by their numbers; one that is unknown or too full gets 0. Several groups: the fullest decides.</summary>
    public static void Rate(CapacityLedger ledger, ScoreRule rule, ClaimGroups pod, ReadOnlySpan<int> nodes, Span<byte> scores)
    {
        if (pod.Groups.Length == 1)
        {
            RateInOneGroup(ledger, rule, pod, nodes, scores);
            return;
        }

        for (var i = 0; i < nodes.Length; i++)
        {
            scores[i] = ScoreOf(nodes[i] < 0 ? -1 : Left(ledger, pod, nodes[i]), rule);
        }
    }

    // The usual case: one class, so that what all claims take together is known beforehand, unless one has something on the node.
    private static void RateInOneGroup(
        CapacityLedger ledger, ScoreRule rule, ClaimGroups pod, ReadOnlySpan<int> nodes, Span<byte> scores)
    {
        var group = pod.Groups[0];
        var slots = ledger.Slots(group.ClassNumber);
        var available = ledger.AvailableByAccount;
        var capacity = ledger.CapacityByAccount;
        var extents = group.ExtentsByCost.AsSpan();
        var holding = Array.FindAll(pod.Claims, claim => claim.PromisedTo >= 0 || claim.Offer is not null);
        scores = scores[..nodes.Length];
        for (var i = 0; i < nodes.Length; i++)
        {
            var node = nodes[i];
            if (node < 0 || node >= slots.Length || slots[node].Account < 0)
            {
                scores[i] = 0;
                continue;
            }

            var slot = slots[node];
            var left = checked(available[slot.Account] - extents[slot.Cost]);
            foreach (var claim in holding)
            {
                if (Holds(claim, node))
                {
                    left = checked(left + ledger.ExtentsAt(claim, slot.Cost));
                }
            }

            scores[i] = ScoreOf(left < 0 ? -1 : Tenths(left, capacity[slot.Account]), rule);
        }
    }

    private static byte ScoreOf(int left, ScoreRule rule) =>
        (byte)(left < 0 ? 0 : rule == ScoreRule.Spread ? left : Best - left);

    // At most 2^46 extents: no overflow.
    private static int Tenths(long left, long capacity) => (int)Math.Min(Best, left * Best / Math.Max(capacity, 1));

    private static bool Holds(LedgerClaim claim, int node) => claim.PromisedTo == node || CapacityLedger.IsOffered(claim, node);

    // How many tenths of the fullest group are left; -1 where something does not fit.
    private static int Left(CapacityLedger ledger, ClaimGroups pod, int node)
    {
        var least = Best;
        foreach (var group in pod.Groups)
        {
            var slots = ledger.Slots(group.ClassNumber);
            if (node >= slots.Length || slots[node].Account < 0)
            {
                return -1;
            }

            var account = slots[node].Account;
            var left = checked(ledger.AvailableByAccount[account] - StillToTake(ledger, pod, node, account));
            if (left < 0)
            {
                return -1;
            }

            least = Math.Min(least, Tenths(left, ledger.CapacityByAccount[account]));
        }

        return least;
    }

    // What the ledger does not count already: neither promised nor offered there.
    private static long StillToTake(CapacityLedger ledger, ClaimGroups pod, int node, int account)
    {
        var sum = 0L;
        foreach (var group in pod.Groups)
        {
            var slots = ledger.Slots(group.ClassNumber);
            if (node >= slots.Length || slots[node].Account != account)
            {
                continue;
            }

            foreach (var claim in group.Claims)
            {
                if (!Holds(claim, node))
                {
                    sum = checked(sum + ledger.ExtentsAt(claim, slots[node].Cost));
                }
            }
        }

        return sum;
    }
}
