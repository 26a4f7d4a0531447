using System.Collections.Immutable;
using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Units;

namespace LocalPv.Core.VolumeGroups;

/// <summary>Everything one scan of a node saw, as of one moment.</summary>
/// <param name="Disks">The block devices, by path.</param>
/// <param name="VolumeGroups">The volume groups, by name.</param>
public sealed record NodeScan(ImmutableArray<ObservedDisk> Disks, ImmutableArray<VolumeGroup> VolumeGroups)
{
    /// <summary>
    /// Whether the scan shows disks of the group without the group, as it does of one that somebody has locked: then nothing is known of
    /// what lies in it.
    /// </summary>
    public bool LeavesOut(VolumeGroupName name) => Group(name) is null && Disks.Any(disk => disk.VolumeGroup == name);

    /// <summary>The group of that name, or null where the scan saw none.</summary>
    public VolumeGroup? Group(VolumeGroupName name)
    {
        foreach (var group in VolumeGroups)
        {
            if (group.Name == name)
            {
                return group;
            }
        }

        return null;
    }
}

/// <summary>A volume group as one scan saw it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Uuid">LVM's identity of it: a name can be reused, this cannot.</param>
/// <param name="ExtentSize">The size of its extents.</param>
/// <param name="Extents">All its extents, of missing disks too.</param>
/// <param name="FreeExtents">Extents that a new volume can use: none of a missing disk is among them.</param>
/// <param name="PhysicalVolumes">Its disks, by path.</param>
/// <param name="LogicalVolumes">Its volumes, others' too, by name; hidden ones (pool and mirror parts) not.</param>
public sealed record VolumeGroup(
    VolumeGroupName Name,
    string Uuid,
    ExtentSize ExtentSize,
    ExtentCount Extents,
    ExtentCount FreeExtents,
    ImmutableArray<PhysicalVolume> PhysicalVolumes,
    ImmutableArray<LogicalVolume> LogicalVolumes)
{
    /// <summary>
    /// No group has more extents: LVM counts them in 32 bits, and takes a larger number on its command line for the largest that it has.
    /// </summary>
    public const long ExtentsMax = uint.MaxValue - 1L;

    /// <summary>Its tags.</summary>
    public ImmutableArray<LvmTag> Tags { get; init; } = [];

    /// <summary>Its thin pool; null where it has none.</summary>
    public ThinPool? ThinPool { get; init; }

    /// <summary>Whether every disk is there. A group with a missing disk takes no new volume.</summary>
    public bool IsComplete => PhysicalVolumes.All(disk => !disk.Missing);

    /// <summary>The volume of that name, or null.</summary>
    public LogicalVolume? Volume(LogicalVolumeName name) => LogicalVolumes.FirstOrDefault(volume => volume.Name == name);
}

/// <summary>A disk of a volume group as one scan saw it.</summary>
/// <param name="Uuid">LVM's identity of the physical volume.</param>
/// <param name="Path">Where it is; null while it is missing.</param>
/// <param name="Missing">Whether its group looks for it in vain.</param>
/// <param name="Extents">All its extents.</param>
/// <param name="FreeExtents">Those that a new volume can use: none where LVM may allocate nothing (<c>pvchange -xn</c>).</param>
public sealed record PhysicalVolume(string Uuid, DevicePath? Path, bool Missing, ExtentCount Extents, ExtentCount FreeExtents);

/// <summary>A logical volume as one scan saw it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Uuid">LVM's identity of it.</param>
/// <param name="Extents">Its size as its user sees it.</param>
/// <param name="Size">The same in bytes.</param>
/// <param name="Tags">Its tags.</param>
/// <param name="Layout">How it lies on the disks.</param>
/// <param name="Active">Whether its device is there.</param>
public sealed record LogicalVolume(
    LogicalVolumeName Name, string Uuid, ExtentCount Extents, Bytes Size, ImmutableArray<LvmTag> Tags, Layout Layout, bool Active)
{
    private Memory _known;

    /// <summary>Whether a part of it lies on a missing disk.</summary>
    public bool Partial { get; init; }

    /// <summary>The claim that its tags name; null where none does, or more than one.</summary>
    public ClaimUid? Claim
    {
        get
        {
            // Every look at a node asks for it, of the same volumes again and again.
            if (_known.Claim is not { } known || known.Tags != Tags)
            {
                known = new TaggedClaim(Tags, ClaimOf(Tags));
                _known = new Memory(known);
            }

            return known.Claim;
        }
    }

    private static ClaimUid? ClaimOf(ImmutableArray<LvmTag> tags)
    {
        ClaimUid? found = null;
        foreach (var tag in tags)
        {
            if (tag.Value.StartsWith(Kubernetes.WellKnown.ClaimTagPrefix, StringComparison.Ordinal)
                && ClaimUid.TryParse(tag.Value[Kubernetes.WellKnown.ClaimTagPrefix.Length..], out var claim))
            {
                if (found is not null)
                {
                    return null;
                }

                found = claim;
            }
        }

        return found;
    }

    private sealed class TaggedClaim(ImmutableArray<LvmTag> tags, ClaimUid? claim)
    {
        public ImmutableArray<LvmTag> Tags { get; } = tags;

        public ClaimUid? Claim { get; } = claim;
    }

    // What was read of a volume is no part of what it is: volumes are equal whatever is known of them.
    private readonly struct Memory(TaggedClaim? claim) : IEquatable<Memory>
    {
        public TaggedClaim? Claim { get; } = claim;

        public bool Equals(Memory other) => true;

        public override bool Equals(object? obj) => obj is Memory;

        public override int GetHashCode() => 0;
    }
}
