using LocalPv.Core.Identity;
using LocalPv.Core.Units;

namespace LocalPv.Core.Disks;

/// <summary>The judgement on one disk for one class, with the reason.</summary>
/// <param name="Path">The path by which the class names the disk, or else the kernel's name for it.</param>
/// <param name="State">What the disk is to the class.</param>
/// <param name="Reason">Why, and what to do about it, for a person; empty where there is nothing to say.</param>
/// <param name="Disk">The disk as it was seen; null where it was not.</param>
public sealed record DiskVerdict(DevicePath Path, DiskState State, string Reason, ObservedDisk? Disk)
{
    // LVM keeps the first MiB of a disk for itself (default_data_alignment) and refuses disks below 2 MiB (pv_min_size).
    private static readonly Bytes MetadataArea = Bytes.FromMebibytes(1);
    private static readonly Bytes SmallestDisk = Bytes.FromMebibytes(2);

    /// <summary>
    /// The identity that the class ties to <see cref="Path"/>: of the disk that was put into the group, or of the one seen.
    /// </summary>
    public DiskId? Id { get; init; } = Disk?.Id;

    /// <summary>Whether using the disk means to wipe what is on it.</summary>
    public bool WipeFirst { get; init; }

    /// <summary>
    /// Judges a disk that was seen. <paramref name="known"/> is the identity of the disk that was earlier put into the group under the
    /// path that names it: a kernel name such as /dev/sdb may lead to another disk after a reboot.
    /// </summary>
    public static DiskVerdict On(ObservedDisk disk, DiskRule rule, VolumeGroupName group, ExtentSize extentSize, DiskId? known = null)
    {
        var named = rule.NameOf(disk);
        var path = named ?? disk.Path;
        if (disk.VolumeGroup == group)
        {
            return new(path, DiskState.InGroup, disk.Readable ? "" : "It gives I/O errors: replace it.", disk);
        }

        if (named is null && WhyNotByRule(disk, rule) is { } otherwise)
        {
            return new(path, DiskState.NotChosen, otherwise, disk);
        }

        if (known is not null && disk.Id != known)
        {
            return new(
                path,
                DiskState.Replaced,
                $"It is disk {Identity(disk)}, but {path} was disk {known} before: "
                    + "name disks by /dev/disk/by-id, and put the new one into spec.disks.paths.",
                disk)
            {
                Id = known,
            };
        }

        var refusal = WhyRefused(disk, group, rule.MayWipe(disk)) ?? WhyTooSmall(disk, extentSize);
        return refusal is not null
            ? new(path, DiskState.Refused, refusal, disk)
            : new(path, DiskState.Usable, "", disk) { WipeFirst = rule.MayWipe(disk) && IsMarked(disk) };
    }

    /// <summary>The verdict on a disk that the class names and nobody sees.</summary>
    public static DiskVerdict OnMissing(DevicePath path, DiskId? known = null) =>
        new(path, DiskState.Missing, "No disk is there: check the path, the cable and the disk.", null) { Id = known };

    /// <summary>The verdict as the status of a NodeLocalStorage reports it.</summary>
    public ReportedDisk ToReport(Bytes? free = null) => new(Path, Id, Disk?.Size ?? Bytes.Zero, State, Reason) { Free = free };

    /// <summary>This verdict turned into a refusal.</summary>
    internal DiskVerdict RefusedFor(string reason) => this with { State = DiskState.Refused, Reason = reason, WipeFirst = false };

    private static string? WhyNotByRule(ObservedDisk disk, DiskRule rule)
    {
        if (!rule.Matches(disk))
        {
            return "No path and no pattern of the class means it.";
        }

        // Who makes them is not who wrote the class: a kubelet puts one before every block volume that it gives to a Pod.
        if (disk.Loop)
        {
            return "It is a loop device: only a path of its own means it, no pattern.";
        }

        if (disk.Size < rule.MinSize)
        {
            return $"It has {disk.Size}, less than the class's minSize of {rule.MinSize}.";
        }

        // A volume of other storage is blank until the kubelet has made a file system in it.
        if (disk.IsNew)
        {
            return "It has come just now: a rule takes it when it has stayed blank for some minutes.";
        }

        return rule.Rotational is { } rotational && rotational != disk.Rotational
            ? $"It {(disk.Rotational ? "spins" : "does not spin")}, and the class wants disks that {(rotational ? "do" : "do not")}."
            : null;
    }

    // What nobody may override comes first; what an administrator may wipe comes last.
    private static string? WhyRefused(ObservedDisk disk, VolumeGroupName group, bool mayWipe)
    {
        if (!disk.Readable)
        {
            return "It could not be read: replace it.";
        }

        if (disk.ReadOnly)
        {
            return "It is read-only.";
        }

        if (disk.MountPoint.Length > 0)
        {
            return $"It is in use at {disk.MountPoint}.";
        }

        if (disk.VolumeGroup is { } other)
        {
            return $"It belongs to the volume group {other}, not to {group}. To use it here if nobody needs what is on it, run on the "
                + $"node 'vgreduce {other} {disk.Path}', or 'vgremove {other}' where it is the only disk there, and then "
                + $"'pvremove {disk.Path}'.";
        }

        if (disk.Holder.Length > 0)
        {
            return $"It is held by {disk.Holder}.";
        }

        if (disk.Id is null)
        {
            return "It has no stable identity (no wwn, serial number or uuid), so it could be mistaken for another disk after a reboot.";
        }

        var remedy = $"wipe it with 'wipefs --all {disk.Path}', or list {StableName(disk)} in spec.disks.wipeSignaturesOf of the "
            + "NodeLocalStorage.";
        return mayWipe ? null
            : disk.Partitioned ? "It is partitioned or a partition: " + remedy
            : disk.Signature.Length > 0 ? $"It carries a signature of {disk.Signature}: " + remedy
            : null;
    }

    // A kernel's name may mean another disk after the next start.
    private static string StableName(ObservedDisk disk)
    {
        foreach (var link in disk.Links)
        {
            if (link.IsIdentity)
            {
                return link.Value;
            }
        }

        return "its path, as one of spec.disks.paths too,";
    }

    private static string? WhyTooSmall(ObservedDisk disk, ExtentSize extentSize) =>
        disk.Size < SmallestDisk || extentSize.WholeExtentsIn(disk.Size.SubtractToZero(MetadataArea)) == ExtentCount.Zero
            ? $"It has {disk.Size}, too little for LVM's metadata and one extent of {extentSize}."
            : null;

    private static bool IsMarked(ObservedDisk disk) => disk.Partitioned || disk.Signature.Length > 0;

    private static string Identity(ObservedDisk disk) => disk.Id?.Value ?? "without identity";
}
