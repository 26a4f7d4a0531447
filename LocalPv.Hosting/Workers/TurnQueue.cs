using System.Collections.Concurrent;

namespace LocalPv.Hosting.Workers;

/// <summary>
/// Takes in items one at a time and in order, on threads of the pool. What was put in is taken in before the thread that put it there
/// begins anything that waits in the pool: where the pool has much to do, what was begun goes on, and does not stand in line again for each
/// step.
/// </summary>
/// <param name="take">Takes in one item.</param>
/// <param name="failed">Told of the first exception of <paramref name="take"/>; nothing is taken in any more after it.</param>
internal sealed class TurnQueue<T>(Action<T> take, Action<Exception> failed) : IThreadPoolWorkItem
{
    // After so many, others have their turn.
    private const int AtOnceMax = 32;

    private readonly ConcurrentQueue<T> _items = new();

    // The item that is being taken in is one of them; so is the opening that has not come yet.
    private int _left = 1;

    /// <summary>How many items wait. Any thread.</summary>
    public int Count => _items.Count;

    /// <summary>Puts an item in. Any thread.</summary>
    public void Put(T item)
    {
        _items.Enqueue(item);
        if (Interlocked.Increment(ref _left) == 1)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
        }
    }

    /// <summary>Begins to take in what was put in, in that order. Call once.</summary>
    public void Open()
    {
        if (Interlocked.Decrement(ref _left) > 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        for (var taken = 0; taken < AtOnceMax; taken++)
        {
            _items.TryDequeue(out var item);
            try
            {
                take(item!);
            }
            catch (Exception bug)
            {
                // As one is always left from here on, this is never queued again.
                failed(bug);
                return;
            }

            if (Interlocked.Decrement(ref _left) == 0)
            {
                return;
            }
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }
}
