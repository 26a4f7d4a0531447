namespace LocalPv.Fake.Lvm;

/// <summary>LVM's label on a disk, which of its extents are taken, and what is written on them.</summary>
internal sealed class FakePhysicalVolume(string uuid, FakeDisk disk)
{
    // Taken ranges in order of their start; they do not overlap.
    private readonly List<(long Start, long Count)> _taken = [];

    // What was written, by extent: only extents that carry something are listed.
    private readonly SortedDictionary<long, string> _content = [];

    internal string Uuid { get; } = uuid;

    internal FakeDisk Disk { get; } = disk;

    /// <summary>The group it belongs to; null for a physical volume in none.</summary>
    internal FakeVolumeGroup? Group { get; set; }

    internal long Extents { get; set; }

    internal bool Missing => !Disk.IsSeen;

    internal long FreeExtents => Extents - _taken.Sum(range => range.Count);

    /// <summary>The runs of free extents, in their order.</summary>
    internal IEnumerable<(long Start, long Count)> FreeRanges()
    {
        var start = 0L;
        foreach (var range in _taken)
        {
            if (range.Start > start)
            {
                yield return (start, range.Start - start);
            }

            start = range.Start + range.Count;
        }

        if (start < Extents)
        {
            yield return (start, Extents - start);
        }
    }

    /// <summary>Takes that many extents, the first free ones; there must be as many.</summary>
    internal IEnumerable<FakeSegment> Take(long count, int image)
    {
        var parts = new List<FakeSegment>();
        foreach (var (start, free) in FreeRanges())
        {
            var part = Math.Min(free, count);
            if (part > 0)
            {
                parts.Add(new FakeSegment(this, start, part, image));
                count -= part;
            }
        }

        if (count > 0)
        {
            throw new InvalidOperationException($"{Disk.Path} has {count} extents too few.");
        }

        parts.ForEach(Occupy);
        return parts;
    }

    /// <summary>Takes these extents, which must be free.</summary>
    internal void Occupy(FakeSegment segment)
    {
        var index = _taken.FindIndex(range => range.Start > segment.Start);
        _taken.Insert(index < 0 ? _taken.Count : index, (segment.Start, segment.Count));
    }

    internal void Release(FakeSegment segment)
    {
        // What was taken in several steps may have become one segment since.
        var parts = _taken.FindAll(range => range.Start >= segment.Start && range.Start + range.Count <= segment.Start + segment.Count);
        if (parts.Sum(part => part.Count) != segment.Count)
        {
            throw new InvalidOperationException("A segment was released that was never taken.");
        }

        parts.ForEach(part => _taken.Remove(part));
    }

    internal void Write(long extent, string text) => _content[extent] = text;

    internal void Erase(long start, long count)
    {
        foreach (var extent in WrittenIn(start, count).ToArray())
        {
            _content.Remove(extent);
        }
    }

    internal IEnumerable<string> Read(long start, long count) => WrittenIn(start, count).Select(extent => _content[extent]);

    private IEnumerable<long> WrittenIn(long start, long count) => _content.Keys.Where(extent => extent >= start && extent - start < count);
}

/// <summary>A run of extents of one disk in a volume, for one of its images.</summary>
internal sealed record FakeSegment(FakePhysicalVolume Disk, long Start, long Count, int Image);
