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

    /// <summary>Takes that many extents, the first free ones; there must be as many.</summary>
    internal IEnumerable<FakeSegment> Take(long count, int image)
    {
        var parts = new List<FakeSegment>();
        while (count > 0)
        {
            var (start, free) = FirstFreeRange();
            var part = Math.Min(free, count);
            Occupy(start, part);
            parts.Add(new FakeSegment(this, start, part, image));
            count -= part;
        }

        return parts;
    }

    internal void Release(FakeSegment segment)
    {
        if (!_taken.Remove((segment.Start, segment.Count)))
        {
            throw new InvalidOperationException("A segment was released that was never taken.");
        }
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

    private (long Start, long Count) FirstFreeRange()
    {
        var start = 0L;
        foreach (var range in _taken)
        {
            if (range.Start > start)
            {
                return (start, range.Start - start);
            }

            start = range.Start + range.Count;
        }

        return start < Extents ? (start, Extents - start) : throw new InvalidOperationException($"{Disk.Path} has no free extent.");
    }

    private void Occupy(long start, long count)
    {
        var index = _taken.FindIndex(range => range.Start > start);
        _taken.Insert(index < 0 ? _taken.Count : index, (start, count));
    }
}

/// <summary>A run of extents of one disk in a volume, for one of its images.</summary>
internal sealed record FakeSegment(FakePhysicalVolume Disk, long Start, long Count, int Image);
