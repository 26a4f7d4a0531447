using System.Collections.Immutable;
using LocalPv.Core.Agents;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;
using LocalPv.Fake.Controllers;
using LocalPv.Fake.Controllers.Kubelets;
using LocalPv.Hosting.Embedded;
using LocalPv.Hosting.Kubernetes;
using LocalPv.Hosting.Up.Story;
using LocalPv.Hosting.Workers;
using Microsoft.Extensions.Logging;

namespace LocalPv.Hosting.Up;

/// <summary>
/// A whole cluster in this process, LocalPv not included: an API server in memory behind real HTTP, models of the scheduler, the
/// controllers and the kubelets, and nodes with disks on the fake LVM.
/// </summary>
internal sealed class EmbeddedCluster : IAsyncDisposable
{
    private readonly HttpClient _extenderClient = new(new SocketsHttpHandler { UseProxy = false });
    private readonly WorkerGroup _models = new();
    private readonly GatedClusterApi _api;
    private readonly ChangePulse _pulse = new();
    private readonly TimeProvider _time;
    private readonly AgentClock _clock;
    private readonly Timeline _timeline;
    private readonly ILoggerFactory _logs;

    private EmbeddedCluster(
        FakeApiServer server, EmbeddedApiServer http, UpOptions options, Timeline timeline, TimeProvider time, ILoggerFactory logs)
    {
        Server = server;
        Http = http;
        server.Committed += _pulse.Beat;
        _timeline = timeline;
        _time = time;
        _clock = new AgentClock(time);
        _logs = logs;
        _api = new GatedClusterApi(server, http.Gate, _clock, time);
        Nodes = [.. Enumerable.Range(1, options.Nodes).Select(number => new UpNode(number, options, timeline))];
        Connection = new ClusterConnection { Server = http.Address, Source = "the embedded cluster" };
    }

    /// <summary>The API server's store; hold <see cref="EmbeddedApiServer.Gate"/> while using it.</summary>
    public FakeApiServer Server { get; }

    /// <summary>The API server's HTTP side.</summary>
    public EmbeddedApiServer Http { get; private set; }

    /// <summary>The nodes.</summary>
    public ImmutableArray<UpNode> Nodes { get; }

    /// <summary>How to reach the API server over HTTP.</summary>
    public ClusterConnection Connection { get; }

    /// <summary>Completes with the first bug of any of the models.</summary>
    public Task<Exception> Bug => _models.Bug;

    /// <summary>Starts the API server; nothing else of the cluster runs yet.</summary>
    public static async Task<EmbeddedCluster> StartAsync(
        UpOptions options, Timeline timeline, TimeProvider time, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        var server = new FakeApiServer(new FakeApiServerOptions { StartedAt = Instant.From(time.GetUtcNow()) });
        var story = new ClusterStory(timeline);
        server.Committed += change => story.TakeIn(
            change.Type == ChangeType.Added ? null : change.Previous, change.Type == ChangeType.Deleted ? null : change.Object);
        var http = await EmbeddedApiServer
            .StartAsync(server, new EmbeddedApiServerOptions { Port = options.ApiPort, Time = time }, cancellationToken: cancellationToken)
            .ConfigureAwait(false);
        return new EmbeddedCluster(server, http, options, timeline, time, logs);
    }

    /// <summary>
    /// Starts scheduler, controllers and kubelets. The scheduler asks no extender where there is no address; the kubelets mount
    /// <paramref name="devices"/>, null for nothing.
    /// </summary>
    public void StartModels(Uri? extenderAddress, Func<NodeName, INodeDevices>? devices = null)
    {
        var extender = new HttpExtenderEndpoint(_extenderClient)
        {
            Observer = (verb, arguments, outcome) => ExtenderStory.Tell(_timeline, verb, arguments, outcome),
        };
        foreach (var (agent, runner) in ControlPlaneModels.Create(
                     [.. Nodes.Select(node => node.Name)], _api, extender, extenderAddress, devices))
        {
            Start(agent, runner);
        }
    }

    /// <summary>The type of an apiVersion and kind that the server serves now; null where it does not.</summary>
    public ResourceType? FindType(string apiVersion, string kind)
    {
        lock (Http.Gate)
        {
            return Server.Kinds.TryFindKind(apiVersion, kind, out var found) && found.IsServed ? found.Type : null;
        }
    }

    /// <summary>Looks at the cluster as it is at this moment.</summary>
    public T Look<T>(Func<FakeApiServer, T> look)
    {
        lock (Http.Gate)
        {
            return look(Server);
        }
    }

    /// <summary>The API server stops listening; the models in this process still reach it.</summary>
    public async Task StopHttpAsync() => await Http.DisposeAsync().ConfigureAwait(false);

    /// <summary>The API server listens again, at the same address and with all it knew.</summary>
    public async Task StartHttpAsync() => Http = await EmbeddedApiServer
        .StartAsync(Server, new EmbeddedApiServerOptions { Port = Http.Address.Port, Time = _time }, Http.Gate)
        .ConfigureAwait(false);

    /// <summary>The way to the API server that needs no HTTP.</summary>
    public IClusterApi Inside => _api;

    /// <summary>Waits until something is true of the cluster; looks after each change.</summary>
    public async Task UntilAsync(Func<FakeApiServer, bool> isTrue, CancellationToken cancellationToken)
    {
        while (true)
        {
            // Taken before looking, so that a change in between is not slept through.
            var changed = _pulse.NextOfAny();
            if (Look(isTrue))
            {
                return;
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Stops all of it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _models.DisposeAsync().ConfigureAwait(false);
        _api.Dispose();
        await Http.DisposeAsync().ConfigureAwait(false);
        _extenderClient.Dispose();
    }

    private void Start(NamedAgent agent, IEffectRunner runner) => _models.Start(new AgentWorker(
        agent.Name,
        agent.Agent,
        new TimeLimitedEffectRunner(runner, _time),
        _clock,
        _time,
        new AgentWorkerOptions(),
        _logs.CreateLogger("model." + agent.Name)));
}
