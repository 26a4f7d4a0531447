using LocalPv.Core.Kubernetes;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Sim.Checking.Liveness;

/// <summary>L05: every report of a node that is served equals what its LVM holds, and the extender has heard of all reports.</summary>
internal sealed class L05ViewsConverge(ExtenderView view)
    : LivenessRule("L05", "Reports equal the truth, and the extender has heard of them.", TimeSpan.FromMinutes(15))
{
    /// <inheritdoc/>
    public override string? Pending()
    {
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
        }

        return view.IsSingle && !Truth.IsFresh(ResourceTypes.NodeLocalStorages.Kind) && Truth.Up.Any(Actors.IsExtender)
            ? view.Differs(ResourceTypes.NodeLocalStorages, [.. Truth.Storages.Values])
            : null;
    }
}
