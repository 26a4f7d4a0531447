using LocalPv.Core.Kubernetes;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Sim.Checking;

/// <content>What is left on a node even if all that may be reserved there is.</content>
public sealed partial class ExtenderView
{
    // Asked whether it holds a claim, never walked through.
    private readonly HashSet<string> _counted = new(StringComparer.Ordinal);

    /// <summary>How much space is left over on the node even if everything that may be reserved there is; null where too little.</summary>
    internal string? SpareFor(List<PersistentVolumeClaim> claims, string node)
    {
        var now = _clock();
        _ended.RemoveAll(ended => now - ended.At > _endedMemory && (ScanOf(ended.Claim) is not { } scan || scan != ended.Scan));

        // A mirror or a stripe needs room on several disks, each by itself: what the group has in all says too little.
        if (claims.Exists(claim => ReportOf(claim, node) is { } report
            && Demand.LayoutOf(report.Storage).Type is LayoutType.Raid1 or LayoutType.Striped))
        {
            return null;
        }

        for (var index = 0; index < claims.Count; index++)
        {
            if (ReportOf(claims[index], node)?.Account is not { } account)
            {
                return null;
            }

            // Claims of one group are looked at together.
            if (claims.FindIndex(claim => ReportOf(claim, node)?.Account == account) == index && !IsRoomIn(account, claims, node))
            {
                return null;
            }
        }

        return "whatever may be reserved there leaves enough.";
    }

    // The last scan that is known of the node to which a claim was sent; null where it was sent nowhere, or nothing is known.
    private long? ScanOf(PersistentVolumeClaim claim) =>
        claim.SelectedNode is { } node ? ReportOf(claim, node)?.Storage.ScanSequence : null;

    private bool IsRoomIn(string account, List<PersistentVolumeClaim> claims, string node)
    {
        var reports = ReportsOf(account, node);
        var needed = 0L;
        foreach (var report in reports)
        {
            needed = Math.Max(needed, Demand.Up(Demand.ReserveOf(report.Storage), report.ExtentSize.Size.Value));
        }

        foreach (var claim in claims)
        {
            if (ReportOf(claim, node) is { } report && report.Account == account && !Holds(report.Status, claim.Uid))
            {
                needed += Demand.ExtentsOf(claim, report.Storage, report.ExtentSize);
            }
        }

        // Most Pods are turned away where nothing is free: who else may have what there is need not be asked then.
        return reports.Count > 0 && reports.TrueForAll(report => needed <= FreeOf(report))
            && reports.TrueForAll(report => needed <= Spare(report, claims, node));
    }

    // The reports of all classes that share the group.
    private List<Report> ReportsOf(string account, string node)
    {
        var found = new List<Report>();
        foreach (var item in Kind(ResourceTypes.NodeLocalStorages.Kind).Objects.Values)
        {
            if (item is NodeLocalStorage storage && storage.NodeName == node && ReadReport(storage) is { } report
                && report.Account == account)
            {
                found.Add(report);
            }
        }

        return found;
    }

    private static long FreeOf(Report report) => report.Status.Free.Value / report.ExtentSize.Size.Value;

    private long Spare(Report report, List<PersistentVolumeClaim> claims, string node)
    {
        var counted = _counted;
        counted.Clear();
        foreach (var claim in claims)
        {
            counted.Add(claim.Uid);
        }

        var taken = 0L;
        void Count(PersistentVolumeClaim claim)
        {
            if (IsOurs(claim) && ReportOf(claim, node) is { } own && own.Account == report.Account && counted.Add(claim.Uid))
            {
                // A volume that is there may still be growing to what its claim wants, unless that is going.
                var held = Held(report, claim.Uid);
                taken += held > 0 && claim.IsBeingDeleted
                    ? 0
                    : Math.Max(0, Demand.ExtentsOf(claim, own.Storage, own.ExtentSize) - held);
            }
        }

        foreach (var claim in Selecting(node))
        {
            Count(claim);
        }

        foreach (var (_, claim, nodes) in _offers)
        {
            if (nodes.Contains(node))
            {
                Count(claim);
            }
        }

        foreach (var ended in _ended)
        {
            if (ended.Claim.SelectedNode == node || _clock() - ended.At <= _endedMemory)
            {
                Count(ended.Claim);
            }
        }

        return FreeOf(report) - taken;
    }
}
