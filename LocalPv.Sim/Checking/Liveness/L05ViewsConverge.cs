using LocalPv.Core.Kubernetes;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Sim.Checking.Liveness;

/// <summary>
/// L05: every report of a node that is served equals what its LVM holds, the CSIStorageCapacity beside it offers what the report has free
/// less the reserve, and the extender has heard of all reports.
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

            if (Differs(storage, offers) is { } problem)
            {
                return problem;
            }
        }

        return view.IsSingle && !Truth.IsFresh(ResourceTypes.NodeLocalStorages.Kind) && Truth.Up.Any(Actors.IsExtender)
            ? view.Differs(ResourceTypes.NodeLocalStorages, [.. Truth.Storages.Values])
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
