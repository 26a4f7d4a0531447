using LocalPv.Core.Identity;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Agents;

/// <summary>Brings what is known of a node up to date between two scans.</summary>
internal static class PictureUpdate
{
    /// <summary>A scan in which the groups that were changing meanwhile are as they were known before.</summary>
    internal static NodeScan Keep(NodeScan scan, NodeScan known, SortedSet<VolumeGroupName> touched)
    {
        if (touched.Count == 0)
        {
            return scan;
        }

        var groups = scan.VolumeGroups.Where(group => !touched.Contains(group.Name))
            .Concat(known.VolumeGroups.Where(group => touched.Contains(group.Name)))
            .OrderBy(group => group.Name);
        return scan with { VolumeGroups = [.. groups] };
    }

    /// <summary>What is known after the answer to a change. Space that a removal gives back counts only when a scan has seen it.</summary>
    internal static NodeScan Apply(NodeScan known, NodeStorageRequest request, NodeStorageAnswer answer) => (request, answer) switch
    {
        (_, NodeStorageAnswer.Group made) => known with
        {
            VolumeGroups =
            [
                .. known.VolumeGroups.Where(group => group.Name != made.VolumeGroup.Name)
                    .Append(made.VolumeGroup)
                    .OrderBy(group => group.Name),
            ],
        },
        (NodeStorageRequest.RemoveVolumeGroup removed, _) => known with
        {
            VolumeGroups = [.. known.VolumeGroups.Where(group => group.Name != removed.Name)],
        },
        (NodeStorageRequest.RemoveLogicalVolume removed, NodeStorageAnswer.Removed) => With(known, removed.Group, group => group with
        {
            LogicalVolumes = [.. group.LogicalVolumes.Where(volume => volume.Name != removed.Name)],
        }),
        ({ VolumeGroup: { } name }, NodeStorageAnswer.Volume made) => With(known, name, group => WithVolume(group, made.LogicalVolume)),
        _ => known,
    };

    private static NodeScan With(NodeScan known, VolumeGroupName name, Func<VolumeGroup, VolumeGroup> change) => known with
    {
        VolumeGroups = [.. known.VolumeGroups.Select(group => group.Name == name ? change(group) : group)],
    };

    private static VolumeGroup WithVolume(VolumeGroup group, LogicalVolume made)
    {
        var before = group.Volume(made.Name);
        var taken = SpaceOf(group, made).SubtractToZero(before is null ? ExtentCount.Zero : SpaceOf(group, before));
        var volumes = group.LogicalVolumes.Where(volume => volume.Name != made.Name).Append(made).OrderBy(volume => volume.Name);
        var changed = group with { LogicalVolumes = [.. volumes] };
        if (made.Layout.Type != LayoutType.Thin)
        {
            return changed with { FreeExtents = group.FreeExtents.SubtractToZero(taken) };
        }

        // The first thin volume makes the pool, of all that was free.
        return group.ThinPool is { } pool
            ? changed with { ThinPool = pool with { Promised = pool.Promised + taken } }
            : changed with
            {
                ThinPool = new ThinPool(ThinPoolSize.In(group.FreeExtents, group.ExtentSize).Data, taken),
                FreeExtents = ExtentCount.Zero,
            };
    }

    private static ExtentCount SpaceOf(VolumeGroup group, LogicalVolume volume) =>
        LayoutCost.ExtentsNeeded(volume.Layout, group.ExtentSize, volume.Size).Space;
}
