using System.Collections.Immutable;

namespace LocalPv.Lvm.Devices;

/// <summary>
/// The label of a physical volume that is in no group which is seen. One in no group at all holds nothing: a crash while a group is made,
/// grown or removed leaves it (LVM writes the labels first and removes them last), and refusing such a disk would leave it unused for ever.
/// </summary>
/// <param name="Uuid">LVM's identity of the physical volume.</param>
/// <param name="Owner">Whose it is, for people; empty where it is nobody's.</param>
internal sealed record DiskLabel(string Uuid, string Owner)
{
    /// <summary>What wipefs calls LVM's label.</summary>
    internal const string Signature = "LVM2_member";

    /// <summary>One that LVM does not read, or does not show here, as that of a group with another machine's system id.</summary>
    internal static DiskLabel Unknown { get; } = new("", "a volume group that is not seen here, as its label says");

    /// <summary>Whether LVM says that it is in no group.</summary>
    internal bool IsEmpty { get; init; }

    /// <summary>
    /// Whether it is marked as used by a group, though nothing is written of one: the mark is set before a group is written, and taken back
    /// after the group is gone. LVM gives a disk with a mark to no group.
    /// </summary>
    internal bool IsMarked { get; init; }

    /// <summary>
    /// The physical volumes, this one among them, of the group that was last written to it; none where none was. Only where all of them are
    /// in no group is the mark a crash's. After one that came while a group was grown, the metadata may be on the other disks alone, and
    /// volumes on this one.
    /// </summary>
    internal ImmutableArray<string> Members { get; init; } = [];

    /// <summary>Whether nothing is lost with it, where these labels are all that there are of groups which are not seen.</summary>
    internal bool IsUnused(IEnumerable<DiskLabel> all) =>
        IsEmpty || (IsMarked && Members.All(member => all.Any(label => label.Uuid == member && (label.IsEmpty || label.IsMarked))));
}
