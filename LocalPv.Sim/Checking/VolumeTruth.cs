using LocalPv.Core.Kubernetes;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Sim.Checking;

/// <summary>A logical volume that exists: where, and as what.</summary>
/// <param name="Node">The node whose disks hold it.</param>
/// <param name="Group">Its volume group.</param>
/// <param name="Volume">Itself.</param>
public sealed record VolumeTruth(string Node, VolumeGroup Group, LogicalVolume Volume)
{
    /// <summary>The uid of the claim that its tags name; empty where none does.</summary>
    public string Claim => Volume.Claim?.Value ?? "";

    /// <summary>Whether it carries our mark.</summary>
    public bool IsOurs => Volume.Tags.Any(tag => tag.Value == WellKnown.OurTag);

    /// <summary>The path of its device.</summary>
    public string Path => $"/dev/{Group.Name}/{Volume.Name}";

    /// <summary>The other node that has made a group which is on this one now; null where none has.</summary>
    public static string? OtherNodeOf(VolumeGroup group, string node) => group.Tags
        .Where(tag => tag.Value.StartsWith(WellKnown.NodeTagPrefix, StringComparison.Ordinal))
        .Select(tag => tag.Value[WellKnown.NodeTagPrefix.Length..])
        .FirstOrDefault(maker => maker != node);

    /// <inheritdoc/>
    public override string ToString() => $"{Group.Name}/{Volume.Name} on {Node}";
}

/// <summary>What became of a logical volume, and by which request; no request: somebody else did it.</summary>
public readonly record struct VolumeChange(VolumeTruth? Before, VolumeTruth? After, LvmCall? By)
{
    /// <summary>The volume after the change, or before its end.</summary>
    public VolumeTruth Volume => After ?? Before!;
}

/// <summary>The volume groups of one node as they are, and what changed since the last look.</summary>
public sealed class NodeTruth(string name)
{
    private readonly SortedDictionary<string, VolumeTruth> _volumes = new(StringComparer.Ordinal);

    /// <summary>The node.</summary>
    public string Name { get; } = name;

    /// <summary>The version of its disks and LVM at the last look; -1 before the first.</summary>
    internal long Version { get; set; } = -1;

    /// <summary>Its volume groups, unseen ones too.</summary>
    public IReadOnlyList<VolumeGroup> Groups { get; private set; } = [];

    /// <summary>Its logical volumes, by LVM's identity.</summary>
    public IReadOnlyDictionary<string, VolumeTruth> Volumes => _volumes;

    /// <summary>The group of that name; null where there is none, or more than one.</summary>
    public VolumeGroup? Group(string name)
    {
        VolumeGroup? found = null;
        foreach (var group in Groups)
        {
            if (group.Name.Value == name)
            {
                if (found is not null)
                {
                    return null;
                }

                found = group;
            }
        }

        return found;
    }

    /// <summary>Looks again and gives what has changed: gone ones, then new and changed ones.</summary>
    internal List<VolumeChange> Look(IReadOnlyList<VolumeGroup> groups, LvmCall? by)
    {
        Groups = groups;
        var changes = new List<VolumeChange>();
        var seen = new SortedSet<string>(StringComparer.Ordinal);
        var later = new List<VolumeChange>();
        foreach (var group in groups)
        {
            foreach (var volume in group.LogicalVolumes)
            {
                seen.Add(volume.Uuid);
                _volumes.TryGetValue(volume.Uuid, out var before);
                if (before is null || before.Group.Name != group.Name || !IsSame(before.Volume, volume))
                {
                    var after = new VolumeTruth(Name, group, volume);
                    _volumes[volume.Uuid] = after;
                    later.Add(new VolumeChange(before, after, by));
                }
            }
        }

        foreach (var (uuid, before) in _volumes.Where(entry => !seen.Contains(entry.Key)).ToArray())
        {
            _volumes.Remove(uuid);
            changes.Add(new VolumeChange(before, null, by));
        }

        changes.AddRange(later);
        return changes;
    }

    private static bool IsSame(LogicalVolume a, LogicalVolume b) =>
        a.Name == b.Name && a.Extents == b.Extents && a.Active == b.Active && a.Partial == b.Partial && a.Tags.SequenceEqual(b.Tags);
}
