using System.Collections.Immutable;
using LocalPv.Core.Disks;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Agents;

/// <summary>
/// Makes what a scan shows as it was the very object that showed it before. Most scans show nothing new, and most that do show one volume:
/// whoever works from a scan then sees at a glance, without comparing what is in it, that there is nothing to do.
/// </summary>
internal static class KnownScan
{
    /// <summary>
    /// The scan, with everything in it that is as in <paramref name="known"/> taken from there; equal to it in every part.
    /// </summary>
    internal static NodeScan In(NodeScan? known, NodeScan scan)
    {
        if (known is null || ReferenceEquals(known, scan))
        {
            return scan;
        }

        var disks = Same(known.Disks, Each(known.Disks, scan.Disks, (one, other) => one.Path.CompareTo(other.Path), IsSame));
        var groups = Same(known.VolumeGroups, Shared(known, scan.VolumeGroups));
        return disks == known.Disks && groups == known.VolumeGroups ? known : new NodeScan(disks, groups);
    }

    private static ImmutableArray<VolumeGroup> Shared(NodeScan known, ImmutableArray<VolumeGroup> groups)
    {
        var shared = ImmutableArray.CreateBuilder<VolumeGroup>(groups.Length);
        foreach (var group in groups)
        {
            shared.Add(known.Group(group.Name) is { } before ? Shared(before, group) : group);
        }

        return shared.MoveToImmutable();
    }

    private static VolumeGroup Shared(VolumeGroup known, VolumeGroup group)
    {
        var shared = group with
        {
            PhysicalVolumes = Same(known.PhysicalVolumes, group.PhysicalVolumes),
            LogicalVolumes = Same(
                known.LogicalVolumes,
                Each(known.LogicalVolumes, group.LogicalVolumes, (one, other) => one.Name.CompareTo(other.Name), IsSame)),
            Tags = Same(known.Tags, group.Tags),
        };
        return shared == known ? known : shared;
    }

    private static bool IsSame(ObservedDisk known, ObservedDisk disk) =>
        known.Links.SequenceEqual(disk.Links) && (disk with { Links = known.Links }) == known;

    private static bool IsSame(LogicalVolume known, LogicalVolume volume) =>
        known.Tags.SequenceEqual(volume.Tags) && (volume with { Tags = known.Tags }) == known;

    private static ImmutableArray<T> Each<T>(
        ImmutableArray<T> known, ImmutableArray<T> items, Comparison<T> order, Func<T, T, bool> isSame)
    {
        // Both are in order.
        var each = ImmutableArray.CreateBuilder<T>(items.Length);
        var at = 0;
        foreach (var item in items)
        {
            while (at < known.Length && order(known[at], item) < 0)
            {
                at++;
            }

            each.Add(at < known.Length && order(known[at], item) == 0 && isSame(known[at], item) ? known[at] : item);
        }

        return each.MoveToImmutable();
    }

    private static ImmutableArray<T> Same<T>(ImmutableArray<T> known, ImmutableArray<T> items) =>
        known == items || known.AsSpan().SequenceEqual(items.AsSpan()) ? known : items;
}
