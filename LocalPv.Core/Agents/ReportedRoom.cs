using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Provisioning;
using LocalPv.Core.Units;

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
            || !storage.Wish.TryGetValue(out var spec) || storage.Report is not { VolumeGroup: not null } report)
        {
            return false;
        }

        if (report.Volumes.Any(volume => volume.Claim.Value == claim.Uid))
        {
            return true;
        }

        return ClaimWish.Read(claim).Size <= LargestVolume(report, spec);
    }

    /// <summary>
    /// The size of the largest claim that the report has room for: without the reserve, less what its layout costs, on disks that have it.
    /// </summary>
    internal static Bytes LargestVolume(NodeLocalStorageStatus report, NodeLocalStorageSpec spec)
    {
        if (report.VolumeGroup is not { ExtentSize: var size })
        {
            return Bytes.Zero;
        }

        var room = size.WholeExtentsIn(report.Free).SubtractToZero(size.ExtentsToHold(spec.Reserve));
        return size.SizeOf(VolumeGroups.LargestVolume.In(spec.Layout, size, room, report.FreeByDisk(size).AsSpan()));
    }
}
