using LocalPv.Core.Disks;
using LocalPv.Core.Kubernetes;

namespace LocalPv.Sim.Checking.Liveness;

/// <summary>L13: a volume group that misses a disk is reported as such, and nothing is free in it.</summary>
internal sealed class L13MissingDisksAreReported()
    : LivenessRule("L13", "A missing disk is reported, and its group offered no more.", TimeSpan.FromMinutes(15))
{
    /// <inheritdoc/>
    public override string? Pending()
    {
        foreach (var storage in Truth.Storages.Values)
        {
            if (!storage.IsBeingDeleted && Truth.IsServed(storage.NodeName) && Demand.GroupOf(storage) is { } name
                && Truth.Nodes.TryGetValue(storage.NodeName, out var node) && node.Group(name) is { IsComplete: false } group
                && group.Tags.Any(tag => tag.Value == WellKnown.OurTag)
                && (storage.Phase == "Ready"
                    || storage.Report is { Phase: StoragePhase.Degraded, Free.Value: > 0 }))
            {
                return $"{storage.Name} is {storage.Phase}, but its group {name} misses a disk.";
            }
        }

        return null;
    }
}
