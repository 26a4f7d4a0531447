namespace LocalPv.Fake.Lvm;

/// <summary>
/// Finds extents for linear and striped volumes as LVM's allocator does with the policy <c>normal</c> (lvmallocation in its manual pages):
/// first what follows on the volume's end, then the disks where the volume lies already, then the largest free areas; a round takes the
/// same from as many disks as there are stripes. Random sequences against lvm2 itself hold it to that, extent for extent.
/// </summary>
internal sealed class FakeAllocator
{
    private readonly FakeFreeAreas[] _disks;
    private readonly int _stripes;
    private readonly FakeSegment[] _first;
    private readonly FakeSegment[] _last;
    private readonly List<FakeSegment[]> _found = [];
    private long _left;

    private FakeAllocator(IEnumerable<FakePhysicalVolume> disks, int stripes, long perStripe, IReadOnlyList<FakeSegment> volume)
    {
        _disks = [.. disks.Select(disk => new FakeFreeAreas(disk))];
        (_stripes, _left) = (stripes, perStripe);
        _first = [.. volume.Take(stripes)];
        _last = [.. volume.TakeLast(stripes)];
    }

    private enum Policy
    {
        Contiguous,
        Cling,
        Normal,
    }

    // To what the areas of a round have to be close.
    private enum Near
    {
        Anything,
        End,
        Volume,
        Found,
    }

    private enum Use
    {
        No,
        NoneOfThisDisk,
        Yes,
    }

    private bool IsGrowing => _last.Length > 0;

    /// <summary>
    /// The extents that a new volume, or one that grows, gets of <paramref name="disks"/>, in rounds of one segment for each stripe; null
    /// where LVM finds too little. Changes nothing.
    /// </summary>
    /// <param name="disks">The disks that are there, in the group's order.</param>
    /// <param name="stripes">Over how many disks; 1 for a linear volume.</param>
    /// <param name="extents">How many more; a multiple of the stripes.</param>
    /// <param name="volume">The segments of the volume that grows; empty for a new one.</param>
    internal static List<FakeSegment[]>? Find(
        IEnumerable<FakePhysicalVolume> disks, int stripes, long extents, IReadOnlyList<FakeSegment> volume)
    {
        var allocator = new FakeAllocator(disks, stripes, extents / stripes, volume);
        foreach (var policy in (Policy[])[Policy.Contiguous, Policy.Cling, Policy.Normal])
        {
            if (allocator._left * stripes > allocator._disks.Sum(disk => disk.Free))
            {
                return null;
            }

            allocator.Apply(policy);
            if (allocator._left == 0)
            {
                return allocator._found;
            }
        }

        return null;
    }

    private void Apply(Policy policy)
    {
        var near = policy switch
        {
            Policy.Contiguous => IsGrowing ? Near.End : Near.Anything,
            Policy.Cling => IsGrowing ? Near.Volume : Near.Found,
            _ => Near.Found,
        };

        // Each stripe goes on where it lay, at first.
        var inPlace = policy == Policy.Cling || near == Near.End;
        do
        {
            var before = _left;
            FindRound(near, inPlace);
            if (before != _left)
            {
                near = policy == Policy.Normal ? Near.Found : near;
            }
            else if (near == Near.Volume && inPlace)
            {
                inPlace = false;
            }
            else if (policy == Policy.Normal && near == Near.Found)
            {
                near = Near.Anything;
            }
            else
            {
                return;
            }
        }
        while (policy != Policy.Contiguous && _left > 0);
    }

    private void FindRound(Near near, bool inPlace)
    {
        var places = new Candidate?[_stripes];
        var others = new List<Candidate>();
        foreach (var disk in _disks)
        {
            disk.ReleaseAll();
        }

        foreach (var disk in _disks)
        {
            if (inPlace)
            {
                FindPlace(disk, near, places);
                if (!places.Contains(null))
                {
                    break;
                }
            }
            else if (FindCandidate(disk, near) is { } candidate)
            {
                others.Add(candidate);
            }
        }

        if (inPlace ? !places.Contains(null) : others.Count >= _stripes)
        {
            Take(inPlace ? [.. places.Select(place => place!.Value)] : [.. others.OrderByDescending(other => other.Count).Take(_stripes)]);
        }
    }

    // Of the disk's areas the first that goes on with a stripe.
    private void FindPlace(FakeFreeAreas disk, Near near, Candidate?[] places)
    {
        for (var area = disk.First; area is not null; area = disk.After(area))
        {
            var stripe = -1;
            if (IsGrowing)
            {
                stripe = FreeStripe(places, _last, segment => IsNext(segment, area));
            }

            if (near == Near.Volume && stripe < 0)
            {
                stripe = FreeStripe(places, _first, segment => segment.Disk == disk.Disk);
            }

            if (near == Near.Found && stripe < 0)
            {
                stripe = Enumerable.Range(0, _stripes).FirstOrDefault(
                    each => places[each] is null && _found.Exists(round => round[each].Disk == disk.Disk), -1);
            }

            if (stripe >= 0)
            {
                places[stripe] = new Candidate(disk, area, area.Count);
                return;
            }

            if (near != Near.End)
            {
                return;
            }
        }
    }

    private static int FreeStripe(Candidate?[] places, FakeSegment[] segments, Predicate<FakeSegment> fits)
    {
        for (var stripe = 0; stripe < segments.Length; stripe++)
        {
            if (places[stripe] is null && fits(segments[stripe]))
            {
                return stripe;
            }
        }

        return -1;
    }

    // The last of the disk's areas that will do.
    private Candidate? FindCandidate(FakeFreeAreas disk, Near near)
    {
        Candidate? found = null;
        for (var area = disk.First; area is not null; area = disk.After(area))
        {
            var use = UseOf(disk, area, near, found is not null);
            if (use == Use.NoneOfThisDisk)
            {
                break;
            }

            if (use == Use.Yes)
            {
                found = new Candidate(disk, area, disk.Reserve(area, _left));
            }
        }

        return found;
    }

    private Use UseOf(FakeFreeAreas disk, FakeFreeArea area, Near near, bool foundOne)
    {
        if (area.Unreserved == 0)
        {
            return Use.No;
        }

        if (near == Near.Anything)
        {
            return foundOne && area.Unreserved < _left ? Use.NoneOfThisDisk : Use.Yes;
        }

        var close = Array.Exists(_last, segment => IsNext(segment, area)) || Array.Exists(_first, segment => segment.Disk == disk.Disk)
            || (near == Near.Found && _found.Exists(round => Array.Exists(round, segment => segment.Disk == disk.Disk)));
        return close ? Use.Yes : Use.NoneOfThisDisk;
    }

    private void Take(Candidate[] chosen)
    {
        var count = chosen.Min(candidate => Math.Min(_left, candidate.Count));
        _found.Add([.. chosen.Select(candidate => new FakeSegment(candidate.Disk.Disk, candidate.Area.Start, count, 0))]);
        foreach (var candidate in chosen)
        {
            candidate.Disk.Take(candidate.Area, count);
        }

        _left -= count;
    }

    private static bool IsNext(FakeSegment segment, FakeFreeArea area) =>
        segment.Disk == area.Disk && segment.Start + segment.Count == area.Start;

    private readonly record struct Candidate(FakeFreeAreas Disk, FakeFreeArea Area, long Count);
}
