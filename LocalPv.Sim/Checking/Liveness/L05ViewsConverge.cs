using LocalPv.Core.Disks;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Sim.Checking.Liveness;

/// <summary>
/// L05: every report of a node that is served equals what its LVM holds, free space and volumes; the CSIStorageCapacity beside it offers
/// what the report has free less the reserve, and the extender has heard of all reports.
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

            if (Differs(storage, offers) is { } problem)
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
    private string? Differs(NodeLocalStorage storage, IReadOnlyList<KubernetesObject> offers)
    {
        if (offers.Count == 0 || Truth.IsFresh(ResourceTypes.CsiStorageCapacities.Kind))
        {
            return null;
        }

        var free = Math.Max(0, storage.Report.Free.Value - Demand.ReserveOf(storage));
        var offer = offers.FirstOrDefault(offer => offer.Name == storage.Name);
        return offer?.Tree.Text("capacity") is { } text && Quantity.TryParse(text, out var offered, out _) && offered.Value == free
            ? null
            : $"{storage.Name} has {new Bytes(free)} to give, and its CSIStorageCapacity says "
                + $"{offer?.Tree.Text("capacity") ?? "nothing"}.";
    }
}
