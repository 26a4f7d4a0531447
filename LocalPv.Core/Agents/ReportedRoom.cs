using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Provisioning;

namespace LocalPv.Core.Agents;

/// <summary>What a node last said of its room, against what a claim wants.</summary>
internal static class ReportedRoom
{
    /// <summary>
    /// Whether the node's last report says that the claim fits there, or that its volume is there already. A group that misses a disk is
    /// reported without any room; a node that reports nothing has none either. Rounded as the node's agent rounds, so that the two never
    /// differ over one extent.
    /// </summary>
    internal static bool IsThereFor(ClusterWatches watches, PersistentVolumeClaim claim, NodeName node)
    {
        if (!StorageClassName.TryParse(claim.StorageClassName, out var name)
            || watches.Storages.Find(ObjectKey.ClusterScoped(NodeLocalStorageName.Of(name, node))) is not NodeLocalStorage storage
            || !storage.Wish.IsDone || storage.Report is not { VolumeGroup: not null } report)
        {
            return false;
        }

        if (report.Volumes.Any(volume => volume.Claim.Value == claim.Uid))
        {
            return true;
        }

        return ClaimWish.Read(claim).Size <= storage.LargestVolume;
    }
}
