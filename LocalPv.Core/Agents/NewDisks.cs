using System.Collections.Immutable;
using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Units;

namespace LocalPv.Core.Agents;

/// <summary>
/// Tells disks that have come up while the agent runs from those that were there: a rule is not to take what somebody attaches for
/// something else, and that is blank only for a while. What the first scan shows is not new.
/// </summary>
internal sealed class NewDisks(TimeSpan grace)
{
    private readonly SortedDictionary<DiskId, Instant> _blankSince = [];
    private SortedSet<DiskId>? _settled;

    /// <summary>The disks of a scan, those marked that came after the first one and were not blank in every scan for long enough.</summary>
    internal ImmutableArray<ObservedDisk> Mark(ImmutableArray<ObservedDisk> disks, Instant now)
    {
        var present = new SortedSet<DiskId>();
        var blank = new SortedSet<DiskId>();
        foreach (var disk in disks)
        {
            if (disk.Id is { } id)
            {
                present.Add(id);
                if (IsBlank(disk))
                {
                    blank.Add(id);
                }
            }
        }

        if (_settled is null)
        {
            _settled = present;
            return disks;
        }

        _settled.IntersectWith(present);
        foreach (var gone in _blankSince.Keys.Where(id => !blank.Contains(id)).ToArray())
        {
            _blankSince.Remove(gone);
        }

        foreach (var id in blank.Where(id => !_settled.Contains(id)))
        {
            _blankSince.TryAdd(id, now);
            if (now - _blankSince[id] >= grace)
            {
                _settled.Add(id);
            }
        }

        return disks.All(IsSettled) ? disks : [.. disks.Select(disk => IsSettled(disk) ? disk : disk with { IsNew = true })];
    }

    private bool IsSettled(ObservedDisk disk) => disk.Id is not { } id || _settled!.Contains(id);

    private static bool IsBlank(ObservedDisk disk) =>
        disk is { VolumeGroup: null, Readable: true, Partitioned: false, Signature.Length: 0 };
}
