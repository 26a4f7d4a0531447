using LocalPv.Core.Units;

namespace LocalPv.Fake.Controllers.Machinery;

/// <summary>What is to happen at which moment; equal moments in the order in which they were added.</summary>
internal sealed class Deadlines<T>
{
    private readonly PriorityQueue<T, (Instant Moment, long Order)> _queue = new();
    private long _order;

    /// <summary>The earliest moment, or never.</summary>
    internal Instant Next => _queue.TryPeek(out _, out var first) ? first.Moment : Instant.Never;

    internal void Add(T item, Instant moment) => _queue.Enqueue(item, (moment, _order++));

    /// <summary>Takes out the first item whose moment has come.</summary>
    internal bool TryTake(Instant now, out T item)
    {
        if (_queue.TryPeek(out item!, out var first) && first.Moment <= now)
        {
            _queue.Dequeue();
            return true;
        }

        item = default!;
        return false;
    }
}
