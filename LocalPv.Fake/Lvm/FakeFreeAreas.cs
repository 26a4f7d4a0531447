namespace LocalPv.Fake.Lvm;

/// <summary>A run of free extents, as one allocation sees it.</summary>
internal sealed class FakeFreeArea(FakePhysicalVolume disk, long start, long count)
{
    internal FakePhysicalVolume Disk { get; } = disk;

    internal long Start { get; private set; } = start;

    internal long Count { get; private set; } = count;

    /// <summary>What no candidate of the present round has claimed yet.</summary>
    internal long Unreserved { get; private set; } = count;

    internal bool IsReserved => Unreserved != Count;

    internal void Release() => Unreserved = Count;

    internal void Reserve(long count) => Unreserved -= count;

    internal void CutOff(long count) => (Start, Count, Unreserved) = (Start + count, Count - count, Count - count);
}

/// <summary>
/// The free areas of one disk, the largest first; of equal ones the one that came first. LVM moves an area to its new place in that order
/// whenever it claims a part of it, even while it walks along the areas, and which area it takes in the end depends on that.
/// </summary>
internal sealed class FakeFreeAreas
{
    private readonly List<FakeFreeArea> _areas = [];

    internal FakeFreeAreas(FakePhysicalVolume disk)
    {
        Disk = disk;
        foreach (var (start, count) in disk.FreeRanges())
        {
            Insert(new FakeFreeArea(disk, start, count));
        }
    }

    internal FakePhysicalVolume Disk { get; }

    internal long Free => _areas.Sum(area => area.Count);

    internal bool IsEmpty => _areas.Count == 0;

    /// <summary>The first area.</summary>
    internal FakeFreeArea? First => _areas.Count == 0 ? null : _areas[0];

    /// <summary>The area after this one, where that is now.</summary>
    internal FakeFreeArea? After(FakeFreeArea area)
    {
        var next = _areas.IndexOf(area) + 1;
        return next < _areas.Count ? _areas[next] : null;
    }

    /// <summary>Claims up to <paramref name="wanted"/> extents of an area; answers how many those are.</summary>
    internal long Reserve(FakeFreeArea area, long wanted)
    {
        var reserved = Math.Min(wanted, area.Unreserved);
        var whole = reserved == area.Unreserved;
        area.Reserve(reserved);
        if (!whole)
        {
            Reinsert(area);
        }

        return reserved;
    }

    /// <summary>Forgets all claims.</summary>
    internal void ReleaseAll()
    {
        for (var area = First; area is not null; area = After(area))
        {
            if (area.IsReserved)
            {
                area.Release();
                Reinsert(area);
            }
        }
    }

    /// <summary>Takes extents from the start of an area, for good.</summary>
    internal void Take(FakeFreeArea area, long count)
    {
        _areas.Remove(area);
        if (count < area.Count)
        {
            area.CutOff(count);
            Insert(area);
        }
    }

    private void Reinsert(FakeFreeArea area)
    {
        _areas.Remove(area);
        Insert(area);
    }

    private void Insert(FakeFreeArea area)
    {
        var index = _areas.FindIndex(other => area.Unreserved > other.Count);
        _areas.Insert(index < 0 ? _areas.Count : index, area);
    }
}
