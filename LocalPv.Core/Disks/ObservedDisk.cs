using LocalPv.Core.Identity;
using LocalPv.Core.Units;

namespace LocalPv.Core.Disks;

/// <summary>A block device as one scan saw it. Facts only; whether it may be used is <c>DiskVerdict</c>'s to say.</summary>
/// <param name="Path">The kernel's name for it in this boot, such as <c>/dev/sdb</c>.</param>
/// <param name="Links">Other paths that lead to it, as udev makes them, in ordinal order.</param>
/// <param name="Id">Its stable identity; null where it has none.</param>
/// <param name="Size">Its size.</param>
public sealed record ObservedDisk(
    DevicePath Path, System.Collections.Immutable.ImmutableArray<DevicePath> Links, DiskId? Id, Bytes Size)
{
    /// <summary>Whether it is a file that the kernel shows as a disk.</summary>
    public bool Loop { get; init; }

    /// <summary>
    /// Whether it has come up so lately that somebody may have brought it for something else. No scan says so: who compares scans does.
    /// </summary>
    public bool IsNew { get; init; }

    /// <summary>Whether it spins.</summary>
    public bool Rotational { get; init; }

    /// <summary>The vendor's name for it; empty where unknown.</summary>
    public string Model { get; init; } = "";

    /// <summary>Its serial number; empty where unknown.</summary>
    public string Serial { get; init; } = "";

    /// <summary>Whether the kernel lets nobody write to it.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Whether it has a partition table or is a partition.</summary>
    public bool Partitioned { get; init; }

    /// <summary>The signature found on it (<c>ext4</c>, <c>LVM2_member</c>, …); empty where none.</summary>
    public string Signature { get; init; } = "";

    /// <summary>Where it is mounted; empty where it is not.</summary>
    public string MountPoint { get; init; } = "";

    /// <summary>What holds it open (device-mapper, md, a process); empty where nothing does.</summary>
    public string Holder { get; init; } = "";

    /// <summary>The volume group whose physical volume it is; null where none.</summary>
    public VolumeGroupName? VolumeGroup { get; init; }

    /// <summary>Whether it could be read when it was scanned; a disk that gives I/O errors could not.</summary>
    public bool Readable { get; init; } = true;

    /// <summary>Whether <paramref name="path"/> leads to this disk.</summary>
    public bool IsAt(DevicePath path) => Path == path || Links.Contains(path);
}
