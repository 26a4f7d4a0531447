using LocalPv.Core.Identity;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Fake.Lvm;

/// <summary>A volume group's metadata, which lies on all of its disks: it is seen while one of them is.</summary>
internal sealed class FakeVolumeGroup(VolumeGroupName name, string uuid, ExtentSize extentSize)
{
    internal VolumeGroupName Name { get; } = name;

    internal string Uuid { get; } = uuid;

    internal ExtentSize ExtentSize { get; } = extentSize;

    internal SortedSet<LvmTag> Tags { get; } = [];

    internal List<FakePhysicalVolume> Disks { get; } = [];

    internal List<FakeLogicalVolume> Volumes { get; } = [];

    /// <summary>The extents that the thin pool took, metadata and spare included; empty while there is no pool.</summary>
    internal List<FakeSegment> PoolSegments { get; } = [];

    internal ThinPoolSize PoolSize { get; set; }

    internal bool IsSeen => Disks.Exists(disk => !disk.Missing);

    internal bool IsComplete => Disks.TrueForAll(disk => !disk.Missing);

    internal long FreeExtents => Disks.Where(disk => !disk.Missing).Sum(disk => disk.FreeExtents);

    internal long Promised => Volumes.Where(volume => volume.Layout.Type == LayoutType.Thin).Sum(volume => volume.Extents);

    internal FakeLogicalVolume? Volume(LogicalVolumeName name) => Volumes.Find(volume => volume.Name == name);

    /// <summary>
    /// Takes extents for a linear or striped volume, behind <paramref name="volume"/>, the segments that it has already; false, and nothing
    /// changes, where there are too few.
    /// </summary>
    internal bool TryTake(int stripes, long extents, List<FakeSegment> volume)
    {
        if (FakeAllocator.Find(Disks.Where(disk => !disk.Missing), stripes, extents, volume) is not { } rounds)
        {
            return false;
        }

        foreach (var round in rounds)
        {
            Array.ForEach(round, segment => segment.Disk.Occupy(segment));
            Append(round, volume);
        }

        return true;
    }

    /// <summary>Takes the images of a mirrored volume, each on one disk; null where there are too few.</summary>
    internal List<FakeSegment>? TakeImages(Layout layout, long extents)
    {
        // The backend names the disks, which it chooses by path.
        var here = Disks.Where(disk => !disk.Missing).OrderBy(disk => disk.Disk.Path).ToArray();
        var free = here.Select(disk => disk.FreeExtents).ToArray();
        var segments = new List<FakeSegment>();
        void TakePart(AllocatedPart part) => segments.AddRange(here[part.Disk].Take(part.Extents.Value, part.Image));
        return LayoutAllocation.TryTake(layout, new ExtentCount(extents), ExtentSize, free, TakePart) ? segments : null;
    }

    // What goes on where the last segments end becomes a part of them.
    private static void Append(FakeSegment[] round, List<FakeSegment> volume)
    {
        var last = volume.Count - round.Length;
        var goesOn = last >= 0 && Enumerable.Range(0, round.Length).All(stripe =>
            volume[last + stripe].Disk == round[stripe].Disk
            && volume[last + stripe].Start + volume[last + stripe].Count == round[stripe].Start);
        if (!goesOn)
        {
            volume.AddRange(round);
            return;
        }

        for (var stripe = 0; stripe < round.Length; stripe++)
        {
            var longer = volume[last + stripe].Count + round[stripe].Count;
            volume[last + stripe] = volume[last + stripe] with { Count = longer };
        }
    }

    internal VolumeGroup Observe() => new(
        Name,
        Uuid,
        ExtentSize,
        new ExtentCount(Disks.Sum(disk => disk.Extents)),
        new ExtentCount(FreeExtents),
        [.. Disks.OrderBy(disk => disk.Missing).ThenBy(disk => disk.Disk.Path).Select(ObserveDisk)],
        [.. Volumes.OrderBy(volume => volume.Name).Select(volume => volume.Observe(ExtentSize))])
    {
        Tags = [.. Tags],
        ThinPool = PoolSegments.Count == 0 ? null : new ThinPool(PoolSize.Data, new ExtentCount(Promised)),
    };

    private static PhysicalVolume ObserveDisk(FakePhysicalVolume disk) => new(
        disk.Uuid, disk.Missing ? null : disk.Disk.Path, disk.Missing, new ExtentCount(disk.Extents), new ExtentCount(disk.FreeExtents));
}

/// <summary>A logical volume's metadata and state.</summary>
internal sealed class FakeLogicalVolume(LogicalVolumeName name, string uuid, Layout layout, long extents)
{
    // What is written in a thin volume; of the others it lies on the disks.
    private readonly List<string> _thinContent = [];

    internal LogicalVolumeName Name { get; } = name;

    internal string Uuid { get; } = uuid;

    internal Layout Layout { get; } = layout;

    internal long Extents { get; set; } = extents;

    internal SortedSet<LvmTag> Tags { get; } = [];

    internal List<FakeSegment> Segments { get; } = [];

    internal bool Active { get; set; }

    /// <summary>Whether something has its device open, such as a mount.</summary>
    internal bool Open { get; set; }

    /// <summary>Where the pool of a thin volume lies; empty for the others.</summary>
    internal IReadOnlyList<FakeSegment> Pool { get; init; } = [];

    // LVM calls a thin volume partial whose pool is.
    internal bool Partial => Segments.Exists(segment => segment.Disk.Missing) || Pool.Any(segment => segment.Disk.Missing);

    /// <summary>Whether it is mirrored, and one of its images has all its disks: LVM activates such a volume.</summary>
    internal bool HasWholeImage => Layout.Type == LayoutType.Raid1
        && Segments.GroupBy(segment => segment.Image).Any(image => image.All(segment => !segment.Disk.Missing));

    internal void Write(string text)
    {
        if (Layout.Type == LayoutType.Thin)
        {
            _thinContent.Add(text);
        }

        foreach (var segment in Segments)
        {
            segment.Disk.Write(segment.Start, text);
            segment.Disk.Write(segment.Start + segment.Count - 1, text);
        }
    }

    internal IEnumerable<string> Read() => Layout.Type == LayoutType.Thin
        ? _thinContent
        : Segments.SelectMany(segment => segment.Disk.Read(segment.Start, segment.Count));

    /// <summary>What is written on the first extent of each image, and wherever in a thin volume.</summary>
    internal IEnumerable<string> ReadStart() => Layout.Type == LayoutType.Thin
        ? _thinContent
        : Segments.DistinctBy(segment => segment.Image).SelectMany(segment => segment.Disk.Read(segment.Start, 1));

    /// <summary>How many of its extents are wiped, from the first on, by a removal that is under way.</summary>
    internal long Wiped { get; private set; }

    /// <summary>Erases the next so many extents of each image; answers whether that was the rest.</summary>
    internal bool EraseNext(long extents)
    {
        _thinContent.Clear();
        var end = extents < Extents - Wiped ? Wiped + extents : long.MaxValue;
        foreach (var image in Segments.GroupBy(segment => segment.Image))
        {
            var at = 0L;
            foreach (var segment in image)
            {
                segment.Disk.Erase(segment.Start, Math.Clamp(end - at, 0, segment.Count));
                at += segment.Count;
            }
        }

        Wiped = Math.Min(end, Extents);
        return Wiped == Extents;
    }

    /// <summary>Erases the first extent of each image, where file systems have their signatures.</summary>
    internal void EraseSignatures()
    {
        foreach (var segment in Segments.DistinctBy(segment => segment.Image))
        {
            segment.Disk.Erase(segment.Start, 1);
        }
    }

    // LVM does not know how much a pool may promise.
    internal LogicalVolume Observe(ExtentSize extentSize) => new(
        Name,
        Uuid,
        new ExtentCount(Extents),
        extentSize.SizeOf(new ExtentCount(Extents)),
        [.. Tags],
        Layout.Type == LayoutType.Thin ? new Layout(LayoutType.Thin) : Layout,
        Active)
    {
        Partial = Partial,
    };
}
