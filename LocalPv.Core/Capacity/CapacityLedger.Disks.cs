using System.Runtime.InteropServices;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Capacity;

/// <content>Layouts that need several disks: enough extents in sum are not enough for them.</content>
public sealed partial class CapacityLedger
{
    /// <summary>Whether there is any class with such a layout.</summary>
    internal bool MindsDisks { get; private set; }

    /// <summary>
    /// Whether LVM would find disks for these claims, one after another, after all that is promised and offered there. Decides nothing
    /// (true) where no class of the group has such a layout, or where reports do not say what is free on each disk.
    /// </summary>
    internal bool FitsOnDisks(int number, ReadOnlySpan<LedgerClaim> claims)
    {
        var account = _accounts[number]!;
        if (account.Thin || !account.Reports.Exists(report => NeedsSeveralDisks(report.Layout)))
        {
            return true;
        }

        foreach (var report in account.Reports)
        {
            if (!report.FreeByDisk.IsEmpty && !FitsOnDisks(number, report, claims))
            {
                return false;
            }
        }

        return true;
    }

    private static bool NeedsSeveralDisks(Layout layout) => layout.Type is LayoutType.Striped or LayoutType.Raid1;

    private bool FitsOnDisks(int number, VolumeGroupReport report, ReadOnlySpan<LedgerClaim> claims)
    {
        var node = _accounts[number]!.Node;
        var free = report.FreeByDisk.ToArray();

        // One that finds no place takes none: its agent gives it back to the scheduler.
        foreach (var claim in CollectionsMarshal.AsSpan(_nodes[node].Promised))
        {
            if (!claims.Contains(claim))
            {
                Take(claim, number, report, free);
            }
        }

        foreach (var claim in CollectionsMarshal.AsSpan(_offered))
        {
            if (claim.Offer!.Nodes.Contains(node) && !claims.Contains(claim))
            {
                Take(claim, number, report, free);
            }
        }

        foreach (var claim in claims)
        {
            if (!Take(claim, number, report, free))
            {
                return false;
            }
        }

        return true;
    }

    // True also where there is nothing to take.
    private bool Take(LedgerClaim claim, int number, VolumeGroupReport report, Span<long> free)
    {
        var node = _accounts[number]!.Node;
        var column = _classes[claim.ClassNumber];
        if (column.AccountAt(node) != number || report.Holds(claim.Demand.Uid))
        {
            return true;
        }

        var cost = _costs[column.CostAt(node)];
        var volume = cost.ExtentSize.ExtentsToHold(claim.Demand.Size);
        return volume.Value <= VolumeCost.ExtentsMax && LayoutAllocation.TryTake(cost.Layout, volume, cost.ExtentSize, free);
    }
}
