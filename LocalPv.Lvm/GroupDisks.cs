using System.Collections.Concurrent;
using System.Collections.Immutable;
using LocalPv.Core.Identity;
using LocalPv.Lvm.Reports;

namespace LocalPv.Lvm;

/// <summary>
/// On which disks each volume group lay when it was last seen whole. Commands about a group look at these disks only, so that a sick disk
/// of somebody else cannot hang them. What is remembered may be old: LVM then sees a group with a missing disk, or none, and changes
/// nothing; a report of all disks tells the truth.
/// </summary>
internal sealed class GroupDisks
{
    private readonly ConcurrentDictionary<VolumeGroupName, (string Uuid, ImmutableArray<DevicePath> Disks)> _disks = new();

    /// <summary>The group's disks; empty where they are not known for certain.</summary>
    internal ImmutableArray<DevicePath> Of(VolumeGroupName group) => _disks.TryGetValue(group, out var known) ? known.Disks : [];

    /// <summary>LVM's identity of the group that was seen on these disks; null where they are not known.</summary>
    internal string? UuidOf(VolumeGroupName group) => _disks.TryGetValue(group, out var known) ? known.Uuid : null;

    /// <summary>Remembers what a report of all disks says.</summary>
    internal void Remember(ImmutableArray<ReportedGroup> groups)
    {
        // Two groups of one name cannot be told apart by it.
        var seen = groups.GroupBy(group => group.Group.Name).Where(named => named.Count() == 1)
            .ToDictionary(named => named.Key, named => named.Single());
        foreach (var gone in _disks.Keys.Where(name => !seen.ContainsKey(name)))
        {
            _disks.TryRemove(gone, out _);
        }

        foreach (var group in seen.Values)
        {
            Remember(group);
        }
    }

    /// <summary>Remembers what a report says of one group.</summary>
    internal void Remember(ReportedGroup group)
    {
        var disks = group.Group.PhysicalVolumes;
        if (group.Group.IsComplete && !disks.IsEmpty && disks.All(disk => disk.Path is not null))
        {
            _disks[group.Group.Name] = (group.Group.Uuid, [.. disks.Select(disk => disk.Path!.Value)]);
        }
        else
        {
            Forget(group.Group.Name);
        }
    }

    /// <summary>Forgets a group whose disks did not answer as expected.</summary>
    internal void Forget(VolumeGroupName group) => _disks.TryRemove(group, out _);
}
