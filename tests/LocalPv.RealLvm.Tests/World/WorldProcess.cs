using System.Collections.Concurrent;
using LocalPv.Core.Agents;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;

namespace LocalPv.RealLvm.Tests.World;

/// <summary>
/// One process of a <see cref="NodeWorld"/>: an agent, what it is still to hear, and its alarm. An effect is carried out to its end before
/// the next begins, unless storage is to answer when it will.
/// </summary>
internal sealed class WorldProcess : IDisposable
{
    private readonly ConcurrentQueue<AgentEvent> _inbox = new();
    private readonly List<Task> _running = [];
    private readonly NodeWorld _world;
    private readonly IAgent _agent;
    private readonly FakeClusterApi _api;
    private readonly EffectRunner _runner;
    private Instant _alarm = Instant.Never;

    internal WorldProcess(NodeWorld world, IAgent agent, INodeStorage? storage = null)
    {
        (_world, _agent) = (world, agent);
        _api = new FakeClusterApi(world.Server, () => world.Now);
        _runner = new EffectRunner(_api, storage);
        _inbox.Enqueue(new AgentEvent.Started());
    }

    /// <summary>Called before and after each effect but alarms, false and true; what it throws ends the step.</summary>
    internal Action<Effect, bool> AtEffect { get; init; } = static (_, _) => { };

    /// <summary>Whether requests to storage run beside each other, as they do on a node: one that hangs holds up no other.</summary>
    internal bool StorageIsConcurrent { get; init; }

    /// <summary>The requests to storage that have not been answered yet.</summary>
    internal IReadOnlyCollection<Task> Running => _running;

    /// <summary>When there is something to do that only time brings.</summary>
    internal Instant Due => Instant.Min(_alarm, _api.DueAt);

    /// <inheritdoc/>
    public void Dispose() => _runner.Dispose();

    /// <summary>Takes one event in, and carries its effects out to their end; answers whether there was one.</summary>
    internal async Task<bool> TurnAsync()
    {
        foreach (var ended in _running.FindAll(task => task.IsCompleted))
        {
            _running.Remove(ended);
            await ended;
        }

        if (_inbox.IsEmpty && _alarm <= _world.Now)
        {
            _alarm = Instant.Never;
            _inbox.Enqueue(new AgentEvent.Woke());
        }

        if (!_inbox.TryDequeue(out var happened))
        {
            return _api.Pump() > 0;
        }

        foreach (var effect in _agent.Step(_world.Now, happened))
        {
            if (effect is Effect.WakeAt wake)
            {
                _alarm = wake.Moment;
                continue;
            }

            if (StorageIsConcurrent && effect is Effect.CallStorage)
            {
                _running.Add(_runner.RunAsync(effect, _inbox.Enqueue, CancellationToken.None).AsTask());
                continue;
            }

            AtEffect(effect, false);
            await _runner.RunAsync(effect, _inbox.Enqueue, CancellationToken.None);
            AtEffect(effect, true);
        }

        return true;
    }
}
