using System.Diagnostics;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;

namespace LocalPv.Core.Agents;

/// <summary>
/// The only code that calls ports: turns an effect into a call, and its outcome into the event that answers it. Serves one agent in one
/// life; disposing it closes the agent's watches.
/// </summary>
/// <param name="cluster">The API server.</param>
/// <param name="storage">The node's disks; null for agents that have none.</param>
public sealed class EffectRunner(IClusterApi cluster, INodeStorage? storage) : IEffectRunner, IDisposable
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, OpenedWatch> _watches = [];

    /// <summary>How many watches are open; for tests and metrics.</summary>
    public int OpenWatches
    {
        get
        {
            lock (_gate)
            {
                return _watches.Count;
            }
        }
    }

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

    /// <summary>Closes all watches.</summary>
    public void Dispose()
    {
        OpenedWatch[] open;
        lock (_gate)
        {
            open = [.. _watches.Values];
            _watches.Clear();
        }

        foreach (var watch in open)
        {
            watch.Dispose();
        }
    }

    // The port may deliver before it returns, even the last signal, and the agent may close the watch before it is open: so it is known
    // here before the port is called.
    private void Open(Effect.OpenWatch open, Action<AgentEvent> deliver)
    {
        var watch = new OpenedWatch();
        lock (_gate)
        {
            _watches.Add(open.Watch, watch);
        }

        watch.Attach(cluster.Watch(open.Request, signal =>
        {
            if (watch.IsClosed)
            {
                return;
            }

            if (signal is WatchSignal.Closed)
            {
                Close(open.Watch);
            }

            deliver(new AgentEvent.WatchDelivered(open.Watch, signal));
        }));
    }

    private void Close(long watch)
    {
        OpenedWatch? opened;
        lock (_gate)
        {
            _watches.Remove(watch, out opened);
        }

        opened?.Dispose();
    }

    private sealed class OpenedWatch : IDisposable
    {
        private readonly Lock _gate = new();
        private IDisposable? _handle;
        private volatile bool _closed;

        internal bool IsClosed => _closed;

        public void Dispose()
        {
            IDisposable? handle;
            lock (_gate)
            {
                _closed = true;
                handle = _handle;
                _handle = null;
            }

            handle?.Dispose();
        }

        internal void Attach(IDisposable handle)
        {
            lock (_gate)
            {
                if (!_closed)
                {
                    _handle = handle;
                    return;
                }
            }

            handle.Dispose();
        }
    }
}
