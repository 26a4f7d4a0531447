using LocalPv.Core.Agents;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Controllers.Machinery;

/// <summary>
/// A work queue and those who work on it, as client-go's: a key waits at most once, is never worked on twice at a time, and comes again
/// if it was added while it was worked on.
/// </summary>
/// <param name="agent">Whose it is.</param>
/// <param name="parallel">How many keys are worked on at a time; at least 1.</param>
/// <param name="retry">The wait after a failure; null where failed work is left to the next event.</param>
/// <param name="work">The work of a key.</param>
internal sealed class Worker<TKey>(ControllerAgent agent, int parallel, Backoff? retry, Func<TKey, IEnumerable<Awaited>> work) : IWorker
    where TKey : notnull
{
    // The sets are asked whether they hold a key, never walked through: their order does not matter.
    private readonly Queue<TKey> _ready = new();
    private readonly HashSet<TKey> _waiting = [];
    private readonly HashSet<TKey> _running = [];
    private readonly Dictionary<TKey, int> _failures = [];
    private readonly Dictionary<TKey, Instant> _delayedTo = [];
    private readonly Deadlines<TKey> _delayed = new();

    /// <inheritdoc/>
    public Instant Next => _delayed.Next;

    /// <summary>Whether nothing waits or is worked on now (delayed keys aside).</summary>
    internal bool IsIdle => _waiting.Count == 0 && _running.Count == 0;

    /// <summary>Whether the key is in the queue or being worked on.</summary>
    internal bool IsRunning(TKey key) => _waiting.Contains(key) || _running.Contains(key);

    /// <summary>Puts the key in the queue, unless it is there.</summary>
    internal void Add(TKey key)
    {
        if (_waiting.Add(key) && !_running.Contains(key))
        {
            _ready.Enqueue(key);
        }
    }

    /// <summary>Puts the key in the queue at that moment; an earlier moment stands.</summary>
    internal void AddAt(TKey key, Instant moment)
    {
        if (moment <= agent.Now)
        {
            Add(key);
            return;
        }

        if (_delayedTo.TryGetValue(key, out var known) && known <= moment)
        {
            return;
        }

        _delayedTo[key] = moment;
        _delayed.Add(key, moment);
    }

    /// <inheritdoc/>
    public bool Pump()
    {
        while (_delayed.TryTake(agent.Now, out var due))
        {
            if (_delayedTo.TryGetValue(due, out var moment) && moment <= agent.Now)
            {
                _delayedTo.Remove(due);
                Add(due);
            }
        }

        var worked = false;
        while (_running.Count < parallel && _ready.TryDequeue(out var key))
        {
            worked = true;
            _waiting.Remove(key);
            _running.Add(key);
            new Running(this, key, work(key).GetEnumerator()).Resume();
        }

        return worked;
    }

    private void Finish(TKey key, TryAgain? again)
    {
        _running.Remove(key);
        if (_waiting.Contains(key))
        {
            _ready.Enqueue(key);
        }

        if (again is null)
        {
            _failures.Remove(key);
            return;
        }

        if (again.At is { } moment)
        {
            AddAt(key, moment);
        }
        else if (retry is { } backoff)
        {
            var failures = _failures.GetValueOrDefault(key) + 1;
            _failures[key] = failures;
            AddAt(key, agent.Now + backoff.After(failures, agent.Spread));
        }
    }

    private sealed class Running(Worker<TKey> worker, TKey key, IEnumerator<Awaited> steps) : IResumable
    {
        public void Resume()
        {
            if (!steps.MoveNext())
            {
                End(null);
                return;
            }

            switch (steps.Current)
            {
                case TryAgain again:
                    End(again);
                    break;
                case var awaited:
                    worker.Agent.Await(awaited, this);
                    break;
            }
        }

        private void End(TryAgain? again)
        {
            steps.Dispose();
            worker.Finish(key, again);
        }
    }

    private ControllerAgent Agent => agent;
}

/// <summary>What an agent does with each of its workers.</summary>
internal interface IWorker
{
    /// <summary>When a delayed key is due next.</summary>
    Instant Next { get; }

    /// <summary>Begins what can begin; returns whether anything did.</summary>
    bool Pump();
}
