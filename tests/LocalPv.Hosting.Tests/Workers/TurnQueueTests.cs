using LocalPv.Hosting.Workers;

namespace LocalPv.Hosting.Tests.Workers;

public sealed class TurnQueueTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Items_OfManyThreads_AreTakenInOneAtATime_EachThreadsInItsOrder()
    {
        const int Threads = 8;
        const int Each = 2000;
        var last = new int[Threads];
        var (inside, taken, wrong) = (0, 0, 0);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var queue = new TurnQueue<(int Thread, int Number)>(
            item =>
            {
                wrong += Interlocked.Increment(ref inside) != 1 || last[item.Thread] + 1 != item.Number ? 1 : 0;
                last[item.Thread] = item.Number;
                if (++taken == Threads * Each)
                {
                    done.SetResult();
                }

                Interlocked.Decrement(ref inside);
            },
            bug => done.TrySetException(bug));
        queue.Open();

        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(() =>
        {
            for (var number = 1; number <= Each; number++)
            {
                queue.Put((thread, number));
            }
        })));
        await done.Task.WaitAsync(Patience);

        Assert.Equal(0, wrong);
    }

    [Fact]
    public async Task Items_FromBeforeTheOpening_WaitForIt()
    {
        var taken = new List<int>();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var queue = new TurnQueue<int>(
            item =>
            {
                taken.Add(item);
                if (item == 3)
                {
                    done.SetResult();
                }
            },
            bug => done.TrySetException(bug));
        queue.Put(1);
        queue.Put(2);
        Assert.Equal(2, queue.Count);

        queue.Open();
        queue.Put(3);
        await done.Task.WaitAsync(Patience);

        Assert.Equal([1, 2, 3], taken);
    }

    [Fact]
    public async Task Bug_EndsTheTaking()
    {
        var taken = 0;
        var failed = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        var queue = new TurnQueue<int>(
            _ =>
            {
                taken++;
                throw new InvalidOperationException("impossible state");
            },
            failed.SetResult);
        queue.Open();
        queue.Put(1);
        Assert.Equal("impossible state", (await failed.Task.WaitAsync(Patience)).Message);

        queue.Put(2);
        // All that waits in the pool now has its turn before this.
        await Task.Delay(50);

        Assert.Equal((1, 1), (taken, queue.Count));
    }
}
