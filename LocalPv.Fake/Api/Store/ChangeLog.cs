namespace LocalPv.Fake.Api.Store;

/// <summary>
/// The changes of one kind in the order of their revisions, trimmed from the old end. Positions count from the first change ever, so
/// that a reader's position stays true when the log is trimmed.
/// </summary>
internal sealed class ChangeLog(int most)
{
    private readonly List<Change> _kept = [];
    private int _dropped;
    private long _first;

    /// <summary>The position of the oldest change that is kept.</summary>
    public long First => _first;

    /// <summary>The position after the newest change.</summary>
    public long End => _first + (_kept.Count - _dropped);

    /// <summary>The revision of the newest change that was trimmed away; 0 if none was.</summary>
    public long DroppedThrough { get; private set; }

    /// <summary>The change at a position between <see cref="First"/> and <see cref="End"/>.</summary>
    public Change this[long position] => _kept[(int)(position - _first) + _dropped];

    /// <summary>Adds the newest change.</summary>
    public void Append(Change change)
    {
        _kept.Add(change);
        if (_kept.Count - _dropped > most)
        {
            DropOldest();
        }
    }

    /// <summary>Trims the changes up to a revision.</summary>
    public void DropThrough(long revision)
    {
        while (First < End && this[First].Revision <= revision)
        {
            DropOldest();
        }
    }

    /// <summary>The position of the first kept change after a revision.</summary>
    public long PositionAfter(long revision)
    {
        long low = First, high = End;
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (this[middle].Revision <= revision)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private void DropOldest()
    {
        DroppedThrough = _kept[_dropped].Revision;
        _kept[_dropped] = null!;
        _dropped++;
        _first++;
        // Moving the rest down costs as much as was dropped since the last time.
        if (_dropped > 64 && _dropped > _kept.Count / 2)
        {
            _kept.RemoveRange(0, _dropped);
            _dropped = 0;
        }
    }
}
