using LocalPv.Core.Units;

namespace LocalPv.Core.Provisioning;

/// <summary>
/// The sizes of the claims of one class that this node has lately given back, and until when each is kept away. A scheduler that asks no
/// extender does not know of it, and would choose the node for the same claim again and again; what it reads is the capacity that is
/// published. So less than the size that failed is offered until then.
/// </summary>
public sealed class FailedSizes
{
    // Each is a claim that failed here within five minutes, and smaller and for longer than the one before it. Where there are more, those
    // that end first go.
    private const int SizesMax = 32;

    private readonly List<(Bytes Size, Instant Until)> _sizes = [];

    /// <summary>Takes in that a claim of that size was given back.</summary>
    public void Add(Bytes size, Instant until)
    {
        if (_sizes.Exists(known => known.Size <= size && known.Until >= until))
        {
            return;
        }

        _sizes.RemoveAll(known => known.Size >= size && known.Until <= until);
        _sizes.Add((size, until));
        if (_sizes.Count > SizesMax)
        {
            _sizes.Remove(_sizes.MinBy(known => known.Until));
        }
    }

    /// <summary>The least size that has failed and is still kept away; null where there is none.</summary>
    public Bytes? Least(Instant now)
    {
        _sizes.RemoveAll(known => known.Until <= now);
        return _sizes.Count == 0 ? null : _sizes.Min(known => known.Size);
    }

    /// <summary>When the next of them ends.</summary>
    public Instant Deadline => _sizes.Count == 0 ? Instant.Never : _sizes.Min(known => known.Until);
}
