using System.Collections.Immutable;
using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Lvm;

/// <summary>A disk of a fake node. Tests and the simulator change its state behind the agent's back.</summary>
/// <param name="path">The kernel's name for it in this boot.</param>
/// <param name="id">Its stable identity; null for a disk that has none.</param>
/// <param name="size">Its size.</param>
public sealed class FakeDisk(DevicePath path, DiskId? id, Bytes size)
{
    /// <summary>The kernel's name for it in this boot.</summary>
    public DevicePath Path { get; set => Set(ref field, value); } = path;

    /// <summary>Its stable identity.</summary>
    public DiskId? Id { get; } = id;

    /// <summary>Its size.</summary>
    public Bytes Size { get; set => Set(ref field, value); } = size;

    /// <summary>Links that lead to it, besides the one below /dev/disk/by-id that its identity gives it.</summary>
    public ImmutableArray<DevicePath> OtherLinks { get; set => Set(ref field, value); } = [];

    /// <summary>Whether it spins.</summary>
    public bool Rotational { get; set => Set(ref field, value); }

    /// <summary>Whether it is plugged in.</summary>
    public bool Present { get; set => Set(ref field, value); } = true;

    /// <summary>Whether it can be read; one that cannot is missing to LVM, but still listed.</summary>
    public bool Readable { get; set => Set(ref field, value); } = true;

    /// <summary>Whether it refuses writes.</summary>
    public bool ReadOnly { get; set => Set(ref field, value); }

    /// <summary>Whether it carries a partition table.</summary>
    public bool Partitioned { get; set => Set(ref field, value); }

    /// <summary>A signature on it that is not LVM's; empty where none.</summary>
    public string Signature { get; set => Set(ref field, value); } = "";

    /// <summary>Where it is mounted; empty where it is not.</summary>
    public string MountPoint { get; set => Set(ref field, value); } = "";

    /// <summary>What else holds it open; empty where nothing does.</summary>
    public string Holder { get; set => Set(ref field, value); } = "";

    /// <summary>The disk that it was a copy of when it was plugged in; null for one that is its own.</summary>
    internal FakeDisk? CopyOf { get; set => Set(ref field, value); }

    /// <summary>LVM's label on it; null where it is not a physical volume.</summary>
    internal FakePhysicalVolume? Label { get; set => Set(ref field, value); }

    /// <summary>Grows with every change: what was observed at the same number is still so.</summary>
    internal long Version { get; private set; }

    /// <summary>Whether LVM can see what is on it.</summary>
    internal bool IsSeen => Present && Readable;

    /// <summary>The paths that lead to it besides <see cref="Path"/>.</summary>
    internal ImmutableArray<DevicePath> Links =>
        [.. (Id is { } id ? OtherLinks.Add(DevicePath.Parse("/dev/disk/by-id/" + id.Value)) : OtherLinks).Order()];

    internal ObservedDisk Observe() => new(Path, Links, Id, Size)
    {
        Rotational = Rotational,
        ReadOnly = ReadOnly,
        Readable = Readable,
        Partitioned = Readable && Partitioned,
        Signature = !Readable ? "" : Label is not null ? "LVM2_member" : Signature,
        MountPoint = MountPoint,
        Holder = Holder,
        VolumeGroup = Readable ? Label?.Group?.Name : null,
        Model = "Fake disk",
        Serial = Id?.Value ?? "",
    };

    private void Set<T>(ref T field, T value)
    {
        field = value;
        Version++;
    }
}
