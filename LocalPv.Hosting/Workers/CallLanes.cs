using LocalPv.Core.Agents;

namespace LocalPv.Hosting.Workers;

/// <summary>
/// Runs effects beside the agent, in the order in which they came and a bounded number at once, with the same precedence in the pool as
/// <see cref="TurnQueue{T}"/>.
/// </summary>
/// <param name="atOnceMax">How many run at once.</param>
/// <param name="run">Runs one.</param>
/// <param name="failed">Told of exceptions of <paramref name="run"/>, but for those that say that it was stopped.</param>
/// <param name="stopping">Stops what runs.</param>
internal sealed class CallLanes(
    int atOnceMax, Func<Effect, CancellationToken, ValueTask> run, Action<Exception> failed, CancellationToken stopping)
    : IThreadPoolWorkItem
{
    private readonly Lock _gate = new();
    private readonly Queue<Effect> _waiting = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;
    private bool _isClosed;

    /// <summary>Effects that wait for their turn. Any thread.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>Effects under way. Any thread.</summary>
    public int Running
    {
        get
        {
            lock (_gate)
            {
                return _running;
            }
        }
    }

    /// <summary>Runs an effect as soon as there is a lane for it. Any thread.</summary>
    public void Put(Effect effect)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            _waiting.Enqueue(effect);
            if (_running == atOnceMax)
            {
                return;
            }

            _running++;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
    }

    /// <summary>Forgets what waits, takes nothing more, and ends when nothing runs any more.</summary>
    public Task CloseAsync()
    {
        lock (_gate)
        {
            _isClosed = true;
            _waiting.Clear();
            if (_running == 0)
            {
                _ended.TrySetResult();
            }
        }

        return _ended.Task;
    }

    void IThreadPoolWorkItem.Execute() => _ = RunLaneAsync();

    private async Task RunLaneAsync()
    {
        while (Next() is { } effect)
        {
            try
            {
                await run(effect, stopping).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                // There is nothing to tell: who stops it knows.
            }
            catch (Exception bug)
            {
                failed(bug);
            }
        }
    }

    private Effect? Next()
    {
        lock (_gate)
        {
            if (_waiting.TryDequeue(out var effect))
            {
                return effect;
            }

            _running--;
            if (_isClosed && _running == 0)
            {
                _ended.TrySetResult();
            }

            return null;
        }
    }
}
