using System.Diagnostics;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;

namespace LocalPv.Core.Agents;

/// <summary>The only code that calls ports: turns an effect into a call, and its outcome into the event that answers it.</summary>
/// <param name="cluster">The API server.</param>
/// <param name="storage">The node's disks; null for agents that have none.</param>
public sealed class EffectRunner(IClusterApi cluster, INodeStorage? storage) : IEffectRunner
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, IDisposable> _watches = [];

    /// <inheritdoc/>
    public async ValueTask RunAsync(Effect effect, Action<AgentEvent> deliver, CancellationToken cancellationToken)
    {
        switch (effect)
        {
            case Effect.CallCluster call:
                deliver(new AgentEvent.ClusterAnswered(
                    call.Call, call.Request, await cluster.SendAsync(call.Request, cancellationToken).ConfigureAwait(false)));
                break;
            case Effect.CallStorage call:
                var outcome = storage is null
                    ? Outcome.Failed<NodeStorageAnswer>(OutcomeKind.Refused, "This process has no node storage.")
                    : await storage.RunAsync(call.Request, cancellationToken).ConfigureAwait(false);
                deliver(new AgentEvent.StorageAnswered(call.Call, call.Request, outcome));
                break;
            case Effect.OpenWatch open:
                Open(open, deliver);
                break;
            case Effect.CloseWatch close:
                Close(close.Watch);
                break;
            default:
                throw new UnreachableException($"{effect.GetType()} is not an effect of this runner.");
        }
    }

    private void Open(Effect.OpenWatch open, Action<AgentEvent> deliver)
    {
        var handle = cluster.Watch(open.Request, signal => deliver(new AgentEvent.WatchDelivered(open.Watch, signal)));
        lock (_gate)
        {
            _watches.Add(open.Watch, handle);
        }
    }

    private void Close(long watch)
    {
        IDisposable? handle;
        lock (_gate)
        {
            _watches.Remove(watch, out handle);
        }

        handle?.Dispose();
    }
}
