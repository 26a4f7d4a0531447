using LocalPv.Core.Kubernetes;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Sim.Checking.Liveness;

/// <summary>
/// L07: a claim whose selected node is gone, or has not the room, and that has no volume, is given back. Source:
/// sig-storage-lib-external-provisioner#121, kubernetes#72031.
/// </summary>
internal sealed class L07NobodyWaitsForTheLost()
    : LivenessRule("L07", "No claim waits for a node that cannot serve it.", TimeSpan.FromMinutes(8))
{
    /// <inheritdoc/>
    public override string? Pending()
    {
        foreach (var claim in Truth.Claims.Values)
        {
            if (claim is not { VolumeName: "", IsBeingDeleted: false, SelectedNode: { } chosen } || !Truth.IsOurs(claim)
                || Truth.LogicalVolumesOf(claim.Uid).Count > 0 || Truth.PersistentVolumesOf(claim.Uid).Count > 0
                || Truth.Server.Find(ResourceTypes.StorageClasses, ObjectKey.ClusterScoped(claim.StorageClassName ?? "")) is null)
            {
                continue;
            }

            if (Truth.Node(chosen) is null)
            {
                return $"claim {claim.Key} still waits for node {chosen}, which does not exist.";
            }

            if (Truth.IsServed(chosen) && Truth.StorageOf(claim.StorageClassName, chosen) is { } storage
                && Demand.GroupOf(storage) is { } name && Truth.Nodes[chosen].Group(name) is { IsComplete: true } group
                && Demand.LayoutOf(storage).Type != LayoutType.Thin
                && Demand.ExtentsOf(claim, storage, group.ExtentSize) > group.FreeExtents.Value)
            {
                return $"claim {claim.Key} still waits for node {chosen}, where {group.FreeExtents} of {name} are free.";
            }
        }

        return null;
    }
}
