using System.Net;
using LocalPv.Core.Agents;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Hosting.Extender;
using LocalPv.Hosting.Kubernetes;
using LocalPv.Hosting.Up;
using LocalPv.Hosting.Up.Story;
using LocalPv.Hosting.Workers;
using LocalPv.Lvm;
using LocalPv.RealLvm.Tests.Crashes;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalPv.RealLvm.Tests.Flow;

/// <summary>
/// A cluster with one node as a user meets it, in real time: API server over HTTP, scheduler, controllers and kubelet, the production
/// extender and agent; LVM, file systems and mounts are a guest's.
/// </summary>
internal sealed class FlowWorld : IAsyncDisposable
{
    // The machine may be busy, and a wait ends as soon as what it waits for is true.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly WorkerGroup _cluster = new();
    private readonly List<HttpClusterApi> _connections = [];
    private readonly AgentClock _clock = new(TimeProvider.System);
    private readonly string _folder = Directory.CreateTempSubdirectory("localpv-flow-").FullName;
    private readonly EmbeddedCluster _embedded;
    private readonly Timeline _timeline;
    private ExtenderServer? _extender;
    private WorkerGroup _agent = new();

    private FlowWorld(EmbeddedCluster embedded, Timeline timeline) => (_embedded, _timeline) = (embedded, timeline);

    internal static NodeName NodeName { get; } = NodeName.Parse("node-1");

    /// <summary>The node: two disks of 96 MiB.</summary>
    internal RealNode Node { get; } = new([Bytes.FromMebibytes(96), Bytes.FromMebibytes(96)]);

    internal EmbeddedCluster Cluster => _embedded;

    /// <summary>Starts everything; the node is on and its agent runs.</summary>
    internal static async Task<FlowWorld> StartAsync()
    {
        var timeline = new Timeline(TimeProvider.System);
        var embedded = await EmbeddedCluster.StartAsync(
            new UpOptions { Nodes = 1 }, timeline, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        var world = new FlowWorld(embedded, timeline);
        await world.Node.BootAsync();
        foreach (var manifest in Manifests.Embedded("crds").Concat(Manifests.Install))
        {
            await world.ApplyAsync(manifest);
        }

        var extender = new ExtenderAgent(new ExtenderOptions());
        world._extender = await ExtenderServer.StartAsync(
            extender, () => world._clock.Now, new IPEndPoint(IPAddress.Loopback, 0), CancellationToken.None);
        world.Start(world._cluster, "extender", extender, storage: null);
        embedded.StartModels(world._extender.Address, _ => new GuestDevices(() => world.Node.Guest));
        world.StartAgent();
        return world;
    }

    /// <summary>The node dies without warning and comes up again; its agent with it.</summary>
    internal async Task RebootAsync()
    {
        await Node.Guest.CrashAsync();
        await _agent.DisposeAsync();
        await Node.BootAsync();
        StartAgent();
    }

    internal async Task ApplyAsync(string yaml)
    {
        var file = Path.Combine(_folder, "manifest.yaml");
        await File.WriteAllTextAsync(file, yaml);
        foreach (var manifest in Manifests.ReadFile(file).Value)
        {
            await ApplyAsync(manifest);
        }
    }

    internal async Task DeleteAsync(ResourceType type, string name)
    {
        var outcome = await _embedded.Inside.SendAsync(
            new ClusterRequest.Delete(type, new ObjectKey("default", name)), CancellationToken.None);
        Assert.True(outcome.IsDone, outcome.ToString());
    }

    internal T? Find<T>(ResourceType type, string name)
        where T : KubernetesObject => _embedded.Look(server => server.Snapshot(type)).OfType<T>().FirstOrDefault(item => item.Name == name);

    /// <summary>Waits until something is true of the cluster; fails with what happened so far.</summary>
    internal async Task UntilAsync(string what, Func<FlowWorld, bool> isTrue)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!isTrue(this))
        {
            var bug = await Task.WhenAny(_embedded.Bug, _cluster.Bug, _agent.Bug, Task.Delay(50, CancellationToken.None));
            Assert.False(bug is Task<Exception>, (bug as Task<Exception>)?.Result.ToString());
            Assert.False(
                limit.IsCancellationRequested,
                $"Not within {Patience}: {what}.\n{string.Join('\n', _timeline.Entries)}\n{Node.Guest.Console}");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // First the node: what it still runs ends at once.
        await Node.DisposeAsync();
        await _agent.DisposeAsync();
        if (_extender is not null)
        {
            await _extender.DisposeAsync();
        }

        await _cluster.DisposeAsync();
        _connections.ForEach(connection => connection.Dispose());
        await _embedded.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private void StartAgent()
    {
        _agent = new WorkerGroup();
        var options = new NodeAgentOptions { Node = NodeName, ScanPeriod = TimeSpan.FromSeconds(10) };
        Start(_agent, "agent", new NodeAgent(options), Node.Storage(new LvmOptions()));
    }

    private void Start(WorkerGroup group, string name, IAgent agent, INodeStorage? storage)
    {
        var connection = new HttpClusterApi(_embedded.Connection, TimeProvider.System);
        _connections.Add(connection);
        var runner = new TimeLimitedEffectRunner(new EffectRunner(connection, storage), TimeProvider.System);
        group.Start(new AgentWorker(name, agent, runner, _clock, TimeProvider.System, new AgentWorkerOptions(), NullLogger.Instance));
    }

    private async Task ApplyAsync(Manifest manifest)
    {
        var outcome = await new ManifestApplier(_embedded.Inside, _embedded.FindType).ApplyAsync(manifest, CancellationToken.None);
        Assert.True(outcome.IsDone, outcome.Message);
    }
}
