using System.Net;
using LocalPv.Core.Agents;
using LocalPv.Core.Ports;
using LocalPv.Hosting.Extender;
using LocalPv.Hosting.Kubernetes;
using LocalPv.Hosting.Workers;
using Microsoft.Extensions.Logging;

namespace LocalPv.Hosting.Up;

/// <summary>
/// LocalPv as it runs in a real cluster: an agent for each node, the extender, the controller. They share this process, but nothing else:
/// each has its own connection to the API server, and HTTP is the only way between them and the cluster.
/// </summary>
internal sealed class LocalPvProcesses : IAsyncDisposable
{
    private readonly WorkerGroup _workers = new();
    private readonly List<HttpClusterApi> _connections = [];
    private readonly EmbeddedCluster _cluster;
    private readonly TimeProvider _time;
    private readonly AgentClock _clock;
    private readonly ILoggerFactory _logs;
    private ExtenderServer? _extender;

    private LocalPvProcesses(EmbeddedCluster cluster, TimeProvider time, ILoggerFactory logs)
    {
        _cluster = cluster;
        _time = time;
        _clock = new AgentClock(time);
        _logs = logs;
    }

    /// <summary>Where the scheduler reaches the extender, without the verb; null where none runs.</summary>
    public Uri? ExtenderAddress => _extender?.Address;

    /// <summary>Completes with the first bug of any of the agents.</summary>
    public Task<Exception> Bug => _workers.Bug;

    /// <summary>Starts all of it.</summary>
    public static async Task<LocalPvProcesses> StartAsync(
        EmbeddedCluster cluster, UpOptions options, TimeProvider time, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        var processes = new LocalPvProcesses(cluster, time, logs);
        if (options.ClusterOnly)
        {
            return processes;
        }

        if (!options.NoExtender)
        {
            await processes.StartExtenderAsync(options.ExtenderPort, cancellationToken).ConfigureAwait(false);
        }

        processes.Start("controller", new ClusterAgent(new ClusterAgentOptions { Identity = "localpv-up" }), storage: null);
        var spread = 0UL;
        foreach (var node in cluster.Nodes)
        {
            processes.Start("agent/" + node.Name, new NodeAgent(new NodeAgentOptions { Node = node.Name, Spread = ++spread }), node);
        }

        return processes;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_extender is not null)
        {
            await _extender.DisposeAsync().ConfigureAwait(false);
        }

        await _workers.DisposeAsync().ConfigureAwait(false);
        foreach (var connection in _connections)
        {
            connection.Dispose();
        }
    }

    private async Task StartExtenderAsync(int port, CancellationToken cancellationToken)
    {
        var extender = new ExtenderAgent(new ExtenderOptions());
        _extender = await ExtenderServer
            .StartAsync(extender, () => _clock.Now, new IPEndPoint(IPAddress.Loopback, port), cancellationToken)
            .ConfigureAwait(false);
        Start("extender", extender, storage: null);
    }

    private void Start(string name, IAgent agent, INodeStorage? storage)
    {
        var log = _logs.CreateLogger("localpv." + name);
        var connection = new HttpClusterApi(_cluster.Connection, _time);
        _connections.Add(connection);
        var runner = new EffectRunner(
            new LoggingClusterApi(connection, log), storage is null ? null : new LoggingNodeStorage(storage, log));
        _workers.Start(new AgentWorker(
            name, agent, new TimeLimitedEffectRunner(runner, _time), _clock, _time, new AgentWorkerOptions(), log));
    }
}
