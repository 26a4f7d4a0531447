using System.Collections.Concurrent;

namespace LocalPv.Hosting.Workers;

/// <summary>
/// Takes in items one at a time and in order, on threads of the pool. What was put in is taken in before the thread that put it there
/// begins anything that waits in the pool: where the pool has much to do, what was begun goes on, and does not stand in line again for each
/// step. It stands in line besides, since that thread may be long about what it does, or even wait.
/// </summary>
internal sealed class TurnQueue<T>
{
    // After so many, others have their turn.
    private const int AtOnceMax = 32;

    private readonly ConcurrentQueue<T> _items = new();
    private readonly Action<T> _take;
    private readonly Action<Exception> _failed;
    private readonly Turn _here;
    private readonly Turn _inLine;

    // Whether items are being taken in: until the opening and after a failure for ever, so that none is.
    private int _isBusy = 1;
    private int _standsInLine;

    /// <summary>A queue that takes nothing in before <see cref="Open"/>.</summary>
    /// <param name="take">Takes in one item.</param>
    /// <param name="failed">Told of the first exception of <paramref name="take"/>; nothing is taken in any more after it.</param>
    public TurnQueue(Action<T> take, Action<Exception> failed)
    {
        _take = take;
        _failed = failed;
        _here = new Turn(TakeSome);
        _inLine = new Turn(() =>
        {
            Volatile.Write(ref _standsInLine, 0);
            TakeSome();
        });
    }

    /// <summary>How many items wait. Any thread.</summary>
    public int Count => _items.Count;

    /// <summary>Puts an item in. Any thread.</summary>
    public void Put(T item)
    {
        _items.Enqueue(item);
        Call(here: true);
    }

    /// <summary>Begins to take in what was put in, in that order. Call once.</summary>
    public void Open()
    {
        Volatile.Write(ref _isBusy, 0);
        Call(here: true);
    }

    // Who is busy looks once more after he has said that he is not; here it is the other way round. So one of the two sees the other.
    private void Call(bool here)
    {
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _isBusy) != 0 || _items.IsEmpty)
        {
            return;
        }

        if (here)
        {
            ThreadPool.UnsafeQueueUserWorkItem(_here, preferLocal: true);
        }

        if (Interlocked.Exchange(ref _standsInLine, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(_inLine, preferLocal: false);
        }
    }

    private void TakeSome()
    {
        if (_items.IsEmpty || Interlocked.CompareExchange(ref _isBusy, 1, 0) != 0)
        {
            return;
        }

        var taken = 0;
        for (; taken < AtOnceMax && _items.TryDequeue(out var item); taken++)
        {
            try
            {
                _take(item);
            }
            catch (Exception bug)
            {
                _failed(bug);
                return;
            }
        }

        Volatile.Write(ref _isBusy, 0);
        Call(here: taken < AtOnceMax);
    }

    private sealed class Turn(Action take) : IThreadPoolWorkItem
    {
        void IThreadPoolWorkItem.Execute() => take();
    }
}
