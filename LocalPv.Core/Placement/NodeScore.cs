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
        for (var i = 0; i < nodes.Length; i++)
        {
            var left = nodes[i] < 0 ? -1 : Left(ledger, pod, nodes[i]);
            scores[i] = (byte)(left < 0 ? 0 : rule == ScoreRule.Spread ? left : Best - left);
        }
    }

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

            var capacity = Math.Max(ledger.CapacityByAccount[account], 1);

            // At most 2^46 extents: no overflow.
            least = (int)Math.Min(least, left * Best / capacity);
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
                if (claim.PromisedTo != node && !CapacityLedger.IsOffered(claim, node))
                {
                    sum = checked(sum + ledger.ExtentsAt(claim, slots[node].Cost));
                }
            }
        }

        return sum;
    }
}
