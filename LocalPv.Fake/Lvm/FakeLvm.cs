using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using LocalPv.Core.Identity;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Fake.Lvm;

/// <summary>
/// The disks of one fake node and the LVM metadata on them: what survives a crash of any process. Here tests and the simulator do what
/// happens behind the agent's back; the agent goes through <see cref="FakeNodeStorage"/>. Not thread-safe by itself.
/// </summary>
/// <param name="seed">Makes the uuids of this node differ from those of others; equal seeds give equal uuids.</param>
public sealed class FakeLvm(string seed)
{
    private readonly List<FakeDisk> _disks = [];
    private readonly List<FakeVolumeGroup> _groups = [];
    private long _uuids;
    private long _changes;
    private Observed<NodeScan>? _observed;
    private Observed<ImmutableArray<VolumeGroup>>? _allGroups;

    /// <summary>All disks that were ever plugged in, in that order.</summary>
    public IReadOnlyList<FakeDisk> Disks => _disks;

    internal IReadOnlyList<FakeVolumeGroup> Groups => _groups;

    /// <summary>How much of a volume one request to remove it wipes; all of it unless it is set.</summary>
    public long ExtentsWipedAtOnce { get; set; } = long.MaxValue;

    /// <summary>Plugs in a disk of which the kernel makes <paramref name="path"/>.</summary>
    public FakeDisk AddDisk(string path, string? id, Bytes size)
    {
        var disk = new FakeDisk(DevicePath.Parse(path), id is null ? null : DiskId.Parse(id), size);
        return DiskAt(disk.Path) is null ? AddDisk(disk) : throw new ArgumentException($"There is a disk at {path}.", nameof(path));
    }

    /// <summary>
    /// Plugs in a copy of a disk with all that is on it, LVM's uuids too. LVM keeps to the one that it knows, but changes nothing in a
    /// group of which it sees a disk twice.
    /// </summary>
    public FakeDisk AddCopyOf(FakeDisk disk, string path, string id)
    {
        var copy = AddDisk(path, id, disk.Size);
        copy.CopyOf = disk;
        copy.Signature = disk.Label is null ? disk.Signature : "LVM2_member";
        return copy;
    }

    /// <summary>The disk that is at this path now, or null.</summary>
    public FakeDisk? DiskAt(DevicePath path) => _disks.Find(disk => disk.Present && (disk.Path == path || disk.Links.Contains(path)));

    /// <summary>
    /// Restarts the node: volumes are inactive and closed, mounts are gone, and the disks that are plugged in get the kernel names
    /// <paramref name="paths"/> in the order in which they were plugged in; null keeps their names.
    /// </summary>
    public void Reboot(IReadOnlyList<DevicePath>? paths = null)
    {
        Changed();
        foreach (var volume in _groups.SelectMany(group => group.Volumes))
        {
            volume.Active = false;
            volume.Open = false;
        }

        var present = _disks.Where(disk => disk.Present).ToArray();
        if (paths is not null && (paths.Count != present.Length || paths.Distinct().Count() != paths.Count))
        {
            throw new ArgumentException($"{present.Length} disks need as many different names.", nameof(paths));
        }

        for (var i = 0; i < present.Length; i++)
        {
            present[i].MountPoint = "";
            present[i].Path = paths?[i] ?? present[i].Path;
        }
    }

    /// <summary>Somebody else makes a volume group of these disks, whatever is on them.</summary>
    public void CreateForeignGroup(VolumeGroupName name, ExtentSize extentSize, params ReadOnlySpan<FakeDisk> disks)
    {
        var group = new FakeVolumeGroup(name, NewUuid(), extentSize);
        foreach (var disk in disks)
        {
            Join(group, disk);
        }

        Add(group);
    }

    /// <summary>Somebody else makes a linear volume without tags; throws where there is no room.</summary>
    public void CreateForeignVolume(VolumeGroupName group, LogicalVolumeName name, ExtentCount extents)
    {
        var owner = Seen(group);
        var volume = new FakeLogicalVolume(name, NewUuid(), Layout.Linear, extents.Value) { Active = true };
        if (!owner.TryTake(1, extents.Value, volume.Segments))
        {
            throw new InvalidOperationException($"{group} has {owner.FreeExtents} free extents, not {extents.Value}.");
        }

        owner.Volumes.Add(volume);
        Changed();
    }

    /// <summary>Somebody else removes a volume, whoever's it is, without wiping it.</summary>
    public void RemoveBehindTheBack(VolumeGroupName group, LogicalVolumeName name)
    {
        var owner = Holding(group, name);
        Remove(owner, Seen(owner, name));
        Changed();
    }

    /// <summary>Somebody else deactivates all volumes that are not in use.</summary>
    public void Deactivate()
    {
        Changed();
        foreach (var volume in _groups.SelectMany(group => group.Volumes).Where(volume => !volume.Open))
        {
            volume.Active = false;
        }
    }

    /// <summary>Somebody else removes a whole volume group and its labels.</summary>
    public void RemoveGroupBehindTheBack(VolumeGroupName group) => Remove(Seen(group));

    /// <summary>Somebody else removes the volume group of that uuid and its labels: two groups may have one name.</summary>
    public void RemoveGroupBehindTheBack(string uuid) => Remove(
        _groups.Find(group => group.Uuid == uuid) ?? throw new InvalidOperationException($"There is no volume group with uuid {uuid}."));

    /// <summary>Writes <paramref name="text"/> over all of an active volume, as a file system and its files would.</summary>
    public void Write(VolumeGroupName group, LogicalVolumeName name, string text)
    {
        var volume = Seen(Holding(group, name), name);
        if (!volume.Active)
        {
            throw new InvalidOperationException($"{group}/{name} is not active: it has no device.");
        }

        volume.Write(text);
    }

    /// <summary>What can be read from a volume: every text written on its extents and never erased, in ordinal order.</summary>
    public IReadOnlyList<string> Read(VolumeGroupName group, LogicalVolumeName name) =>
        [.. Seen(Holding(group, name), name).Read().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>
    /// What is written where a volume begins, on each of its images: there a file system has its signature.
    /// </summary>
    public IReadOnlyList<string> ReadStart(VolumeGroupName group, LogicalVolumeName name) =>
        [.. Seen(Holding(group, name), name).ReadStart().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>Where a volume lies: its extents in their order, as runs on disks; those of a striped one in turns.</summary>
    public IReadOnlyList<FakeRange> RangesOf(VolumeGroupName group, LogicalVolumeName name) =>
    [
        .. Seen(Holding(group, name), name).Segments
            .Select(segment => new FakeRange(segment.Disk.Disk.Path, segment.Start, segment.Count)),
    ];

    /// <summary>Something opens or closes a volume's device; one that is open cannot be removed.</summary>
    public void SetOpen(VolumeGroupName group, LogicalVolumeName name, bool open) => Seen(Holding(group, name), name).Open = open;

    /// <summary>Whether somebody has the volume open.</summary>
    public bool IsOpen(VolumeGroupName group, LogicalVolumeName name) => Seen(Holding(group, name), name).Open;

    /// <summary>
    /// Grows with every change of disks, groups and volumes, though not with what is written on them: whoever looks on need not look again
    /// while it is the same.
    /// </summary>
    public long Version
    {
        get
        {
            var version = _changes + _disks.Count;
            foreach (var disk in _disks)
            {
                version += disk.Version;
            }

            return version;
        }
    }

    /// <summary>
    /// The truth of this moment, as a scan without any fault would see it. The same instance until something changes.
    /// </summary>
    public NodeScan Observe()
    {
        var (version, seen) = (Version, _observed);
        if (seen?.At != version)
        {
            _observed = seen = new(version, new NodeScan(
                [.. _disks.Where(disk => disk.Present).OrderBy(disk => disk.Path).Select(disk => disk.Observe())],
                [.. _groups.Where(group => group.IsSeen).OrderBy(group => group.Name).Select(group => group.Observe())]));
        }

        return seen.What;
    }

    /// <summary>
    /// Every volume group with metadata on a disk that was ever plugged in, those that nobody can see now too, by uuid. The same instance
    /// until something changes.
    /// </summary>
    public ImmutableArray<VolumeGroup> AllGroups()
    {
        var (version, seen) = (Version, _allGroups);
        if (seen?.At != version)
        {
            _allGroups = seen = new(
                version, [.. _groups.Select(group => group.Observe()).OrderBy(group => group.Uuid, StringComparer.Ordinal)]);
        }

        return seen.What;
    }

    /// <summary>Notes that metadata or the state of a volume has changed.</summary>
    internal void Changed() => _changes++;

    internal string NewUuid()
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}/{++_uuids}"));
        var text = Convert.ToHexStringLower(hash)[..32];
        return $"{text[..6]}-{text[6..10]}-{text[10..14]}-{text[14..18]}-{text[18..22]}-{text[22..26]}-{text[26..]}";
    }

    /// <summary>Why LVM changes nothing in a group; null where it does.</summary>
    internal string? WhyFrozen(FakeVolumeGroup group) =>
        _disks.Exists(disk => disk.IsSeen && disk.CopyOf?.Label?.Group == group && disk.CopyOf.IsSeen)
            ? $"Cannot update volume group {group.Name} with duplicate PV devices."
            : null;

    internal void Add(FakeVolumeGroup group)
    {
        _groups.Add(group);
        Changed();
    }

    internal FakePhysicalVolume LabelDisk(FakeDisk disk)
    {
        disk.Partitioned = false;
        disk.Signature = "";
        return disk.Label = new FakePhysicalVolume(NewUuid(), disk);
    }

    internal void Join(FakeVolumeGroup group, FakeDisk disk)
    {
        var label = LabelDisk(disk);
        label.Group = group;
        label.Extents = ExtentsOn(disk, group.ExtentSize).Value;
        group.Disks.Add(label);
    }

    // LVM keeps the first MiB of a disk for itself.
    internal static ExtentCount ExtentsOn(FakeDisk disk, ExtentSize extentSize) =>
        extentSize.WholeExtentsIn(disk.Size.SubtractToZero(Bytes.FromMebibytes(1)));

    internal void Remove(FakeVolumeGroup group)
    {
        group.Disks.ForEach(disk => disk.Disk.Label = null);
        _groups.Remove(group);
        Changed();
    }

    internal static void Remove(FakeVolumeGroup group, FakeLogicalVolume volume)
    {
        volume.Segments.ForEach(segment => segment.Disk.Release(segment));
        group.Volumes.Remove(volume);
    }

    private FakeDisk AddDisk(FakeDisk disk)
    {
        _disks.Add(disk);
        return disk;
    }

    private FakeVolumeGroup Seen(VolumeGroupName name) =>
        _groups.Find(group => group.Name == name) ?? throw new InvalidOperationException($"There is no volume group {name}.");

    // Names of groups may be there twice: the one that has the volume is meant.
    private FakeVolumeGroup Holding(VolumeGroupName group, LogicalVolumeName name) =>
        _groups.Find(candidate => candidate.Name == group && candidate.Volume(name) is not null) ?? Seen(group);

    private static FakeLogicalVolume Seen(FakeVolumeGroup group, LogicalVolumeName name) =>
        group.Volume(name) ?? throw new InvalidOperationException($"There is no volume {group.Name}/{name}.");

    /// <summary>What was observed, and at which version.</summary>
    private sealed record Observed<T>(long At, T What);
}

/// <summary>So many extents of a disk, from one on.</summary>
/// <param name="Disk">The kernel's name for the disk.</param>
/// <param name="Start">The first extent.</param>
/// <param name="Count">How many there are.</param>
public readonly record struct FakeRange(DevicePath Disk, long Start, long Count);
