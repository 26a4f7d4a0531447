using System.Collections.Immutable;
using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Ports;

/// <summary>A request to one node's disks and LVM, as data. A closed set.</summary>
public abstract record NodeStorageRequest
{
    private NodeStorageRequest()
    {
    }

    /// <summary>The volume group it is about; null for a scan of everything.</summary>
    public virtual VolumeGroupName? VolumeGroup => null;

    /// <summary>Reads all disks, volume groups and logical volumes as of one moment. Changes nothing.</summary>
    public sealed record Scan : NodeStorageRequest;

    /// <summary>
    /// Makes a volume group of disks that are read again right before: one whose identity or state is no longer
    /// what <paramref name="Disks"/> says makes the request Rejected, and nothing is touched. A group of that name: AlreadyExists.
    /// </summary>
    public sealed record CreateVolumeGroup(
        VolumeGroupName Name, ExtentSize ExtentSize, ImmutableArray<DiskToUse> Disks, ImmutableArray<LvmTag> Tags) : NodeStorageRequest
    {
        /// <inheritdoc/>
        public override VolumeGroupName? VolumeGroup => Name;
    }

    /// <summary>
    /// Adds disks to a volume group, with the same care. A disk already in this group is passed over. No such group: NotFound.
    /// </summary>
    public sealed record ExtendVolumeGroup(VolumeGroupName Name, string Uuid, ImmutableArray<DiskToUse> Disks) : NodeStorageRequest
    {
        /// <inheritdoc/>
        public override VolumeGroupName? VolumeGroup => Name;
    }

    /// <summary>Removes a volume group that is empty and has our tag, and frees its disks. Not empty or not ours: Rejected.</summary>
    public sealed record RemoveVolumeGroup(VolumeGroupName Name, string Uuid) : NodeStorageRequest
    {
        /// <inheritdoc/>
        public override VolumeGroupName? VolumeGroup => Name;
    }

    /// <summary>
    /// Makes a logical volume together with its tags in one commit, active, its old signatures cleared. Answers with the volume.
    /// A volume of that name: AlreadyExists, whoever's it is. Too few free extents: NoSpace, and nothing is left behind. Each image of a
    /// mirrored volume lies on one disk. The first thin volume makes the group's pool, of all that is free.
    /// </summary>
    public sealed record CreateLogicalVolume(
        VolumeGroupName Group, LogicalVolumeName Name, ExtentCount Extents, Layout Layout, ImmutableArray<LvmTag> Tags) : NodeStorageRequest
    {
        /// <summary>
        /// LVM's identity of the group that is meant; null for whichever has the name. Where another has it: Unavailable, and nothing is
        /// made.
        /// </summary>
        public string? GroupUuid { get; init; }

        /// <inheritdoc/>
        public override VolumeGroupName? VolumeGroup => Group;
    }

    /// <summary>
    /// Grows a logical volume to <paramref name="Extents"/> in all; one that is as large already is Done. Must carry
    /// <paramref name="Claim"/>'s tag. A thin volume takes no space by growing: whether its pool may promise so much is for the caller
    /// to judge.
    /// </summary>
    public sealed record ExtendLogicalVolume(VolumeGroupName Group, LogicalVolumeName Name, ClaimUid Claim, ExtentCount Extents)
        : NodeStorageRequest
    {
        /// <inheritdoc/>
        public override VolumeGroupName? VolumeGroup => Group;
    }

    /// <summary>
    /// Wipes and removes the logical volume, if its tags name <paramref name="Claim"/>; another's is Rejected. No such volume in a group
    /// that was seen: NotFound. A group that was not seen: Unavailable, never NotFound. One that misses a disk: Unavailable, since LVM
    /// would write down that the disk is missing, and go on to think so when it is back. A wipe that would hold up the group for long is
    /// done in parts: the answer is then the volume, and repeating the request goes on where it ended, also after a crash or a restart.
    /// <paramref name="OnlyUnused"/>: nobody has ordered the removal, the volume only seems to be nobody's. One that carries a signature,
    /// as a file system's, or by now <see cref="Kubernetes.WellKnown.RetainTag"/>, is Rejected then, and one that cannot be read
    /// Unavailable.
    /// </summary>
    public sealed record RemoveLogicalVolume(
        VolumeGroupName Group, LogicalVolumeName Name, ClaimUid Claim, WipePolicy Wipe, bool OnlyUnused = false) : NodeStorageRequest
    {
        /// <summary>
        /// LVM's identity of the group that is meant; null for whichever has the name. Where another has it, as that of a disk which was
        /// put in the place of the first: Unavailable, since what is not in that one is not gone.
        /// </summary>
        public string? GroupUuid { get; init; }

        /// <inheritdoc/>
        public override VolumeGroupName? VolumeGroup => Group;
    }

    /// <summary>
    /// Adds <paramref name="Tag"/> to a logical volume that carries <paramref name="Claim"/>'s tag; another's is Rejected, one that has the
    /// tag already is Done. Answers with the volume. No such volume in a group that was seen: NotFound. A group that was not seen, or that
    /// misses a disk: Unavailable.
    /// </summary>
    public sealed record TagLogicalVolume(VolumeGroupName Group, LogicalVolumeName Name, ClaimUid Claim, LvmTag Tag) : NodeStorageRequest
    {
        /// <inheritdoc/>
        public override VolumeGroupName? VolumeGroup => Group;
    }

    /// <summary>
    /// Activates a logical volume, so that its device is there (after a reboot). An active one is Done. <paramref name="NewFor"/>: the
    /// claim of a volume that no PersistentVolume has ever named, whose creation may have been cut short; signatures on it are cleared
    /// too, as its creation would have. Another's is Rejected then, and one in use Unavailable.
    /// </summary>
    public sealed record ActivateLogicalVolume(VolumeGroupName Group, LogicalVolumeName Name, ClaimUid? NewFor = null) : NodeStorageRequest
    {
        /// <inheritdoc/>
        public override VolumeGroupName? VolumeGroup => Group;
    }
}

/// <summary>A disk that was judged usable: where it was seen, who it is, and whether what is on it may be wiped.</summary>
public sealed record DiskToUse(DevicePath Path, DiskId Id, Bytes Size, bool WipeSignatures);

/// <summary>The answer to a <see cref="NodeStorageRequest"/>: the case that belongs to the request. A closed set.</summary>
public abstract record NodeStorageAnswer
{
    private NodeStorageAnswer()
    {
    }

    /// <summary>The answer to a scan.</summary>
    public sealed record Scanned(NodeScan Scan) : NodeStorageAnswer;

    /// <summary>The volume group as it is after the request.</summary>
    public sealed record Group(VolumeGroup VolumeGroup) : NodeStorageAnswer;

    /// <summary>The logical volume as it is after the request.</summary>
    public sealed record Volume(LogicalVolume LogicalVolume) : NodeStorageAnswer;

    /// <summary>What was to go is gone.</summary>
    public sealed record Removed : NodeStorageAnswer;
}
