using LocalPv.Core.Disks;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Provisioning;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Sim.Checking.Liveness;

/// <summary>
/// L05: every report of a node that is served equals what its LVM holds, free space and volumes; the CSIStorageCapacity beside it offers
/// what the report has free less the reserve and, as its largest volume, what one of the class's layout can have of it; and the extender
/// has heard of all reports.
/// </summary>
internal sealed class L05ViewsConverge(ExtenderView view)
    : LivenessRule("L05", "Reports equal the truth, and the extender has heard of them.", TimeSpan.FromMinutes(15))
{
    /// <inheritdoc/>
    public override string? Pending()
    {
        var offers = Truth.Server.Snapshot(ResourceTypes.CsiStorageCapacities);
        foreach (var storage in Truth.Storages.Values)
        {
            if (storage.IsBeingDeleted || !Truth.IsServed(storage.NodeName) || Demand.GroupOf(storage) is not { } name
                || !Truth.Nodes.TryGetValue(storage.NodeName, out var node) || node.Group(name) is not { } group || !group.IsComplete
                || storage.Phase is not ("Ready" or "Degraded"))
            {
                continue;
            }

            var status = storage.Report;
            var free = LayoutCapacity.Of(Demand.LayoutOf(storage), group).Free.Value * group.ExtentSize.Size.Value;
            if (status.Free.Value != free)
            {
                return $"{storage.Name} reports {status.Free} free, and {new Bytes(free)} are.";
            }

            if (Volumes(status, group) is { } difference)
            {
                return $"{storage.Name} {difference}.";
            }

            if (Differs(storage, group, offers) is { } problem)
            {
                return problem;
            }
        }

        return view.IsSingle && !Truth.IsFresh(ResourceTypes.NodeLocalStorages.Kind) && Truth.Up.Any(Actors.IsExtender)
            ? view.Differs(ResourceTypes.NodeLocalStorages, [.. Truth.Storages.Values])
            : null;
    }

    // What a report says of the volumes of claims, against the volumes that carry our tag and a claim's.
    private static string? Volumes(NodeLocalStorageStatus status, VolumeGroup group)
    {
        var there = new SortedSet<string>(
            group.LogicalVolumes.Where(volume => volume.Claim is not null && volume.Tags.Any(tag => tag.Value == WellKnown.OurTag))
                .Select(volume => $"{volume.Name} of claim {volume.Claim} with {volume.Size}"),
            StringComparer.Ordinal);
        var said = new SortedSet<string>(
            status.Volumes.Select(volume => $"{volume.Name} of claim {volume.Claim} with {volume.Size}"), StringComparer.Ordinal);
        return there.FirstOrDefault(volume => !said.Contains(volume)) is { } untold ? $"does not report {untold}"
            : said.FirstOrDefault(volume => !there.Contains(volume)) is { } gone ? $"reports {gone}, which is not there"
            : null;
    }

    // Where nobody publishes such objects there is none at all.
    private string? Differs(NodeLocalStorage storage, VolumeGroup group, IReadOnlyList<KubernetesObject> offers)
    {
        if (offers.Count == 0 || Truth.IsFresh(ResourceTypes.CsiStorageCapacities.Kind))
        {
            return null;
        }

        var free = Math.Max(0, storage.Report.Free.Value - Demand.ReserveOf(storage));
        var offer = offers.FirstOrDefault(offer => offer.Name == storage.Name);
        if (offer?.Tree.Text("capacity") is not { } text || !Quantity.TryParse(text, out var offered, out _) || offered.Value != free)
        {
            return $"{storage.Name} has {new Bytes(free)} to give, and its CSIStorageCapacity says "
                + $"{offer?.Tree.Text("capacity") ?? "nothing"}.";
        }

        var largest = LargestOf(storage, group);
        return Quantity.TryParse(offer.Tree.Text("maximumVolumeSize"), out var most, out _)
            && (most.Value == largest || (most.Value < largest && HasFailed(storage)))
            ? null
            : $"{storage.Name} has room for a volume of {new Bytes(largest)}, and its CSIStorageCapacity says "
                + $"{offer.Tree.Text("maximumVolumeSize") ?? "nothing"}.";
    }

    // By trying all sizes, from what LVM's disks have.
    private static long LargestOf(NodeLocalStorage storage, VolumeGroup group)
    {
        var layout = Demand.LayoutOf(storage);
        var size = group.ExtentSize;
        var room = LayoutCapacity.Of(layout, group).Free.Value - Demand.Up(Demand.ReserveOf(storage), size.Size.Value);
        var extents = Math.Max(0, room);
        while (extents > 0 && layout.Type is LayoutType.Striped or LayoutType.Raid1 && !Fits(layout, extents, room, group))
        {
            extents--;
        }

        return extents * size.Size.Value;
    }

    private static bool Fits(Layout layout, long extents, long room, VolumeGroup group) =>
        LayoutCost.ExtentsNeeded(layout, group.ExtentSize, new Bytes(extents * group.ExtentSize.Size.Value)).Space.Value <= room
        && LayoutAllocation.TryTake(
            layout,
            new ExtentCount(extents),
            group.ExtentSize,
            group.PhysicalVolumes.Select(disk => disk.FreeExtents.Value).ToArray());

    // Its agent offers less than the size of a claim that has failed there, for as long as that claim is kept away.
    private bool HasFailed(NodeLocalStorage storage) => Truth.Claims.Values.Any(claim =>
        claim.StorageClassName == storage.StorageClassName
        && FailedOn.Read(claim.Annotation(WellKnown.FailedOnAnnotation)).Entries.Any(entry => entry.Node.Value == storage.NodeName));
}
