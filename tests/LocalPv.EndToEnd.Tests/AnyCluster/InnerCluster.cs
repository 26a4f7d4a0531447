using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;
using LocalPv.EndToEnd.Tests.Deploy;
using LocalPv.Fake.Api.Rest;
using LocalPv.Fake.Api.Store;
using LocalPv.Hosting.Embedded;
using LocalPv.Hosting.Kubernetes;
using LocalPv.Hosting.Up;
using LocalPv.Hosting.Workers;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalPv.EndToEnd.Tests.AnyCluster;

/// <summary>The embedded control plane without kubelets: an API server behind HTTP, the scheduler, the controllers.</summary>
internal sealed class InnerCluster : ITestCluster
{
    private const string AgentsAccount = "system:serviceaccount:localpv-system:localpv-agent";

    private readonly FakeApiServer _server = new(new FakeApiServerOptions { StartedAt = Instant.From(DateTimeOffset.UtcNow) });
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
    private readonly AgentClock _clock = new(TimeProvider.System);
    private readonly WorkerGroup _controllers = new();
    private WorkerGroup _scheduler = new();
    private EmbeddedApiServer _listener = null!;
    private GatedClusterApi _api = null!;
    private EmbeddedApiServerOptions _options = new();

    private InnerCluster()
    {
    }

    public ClusterConnection Connection { get; private set; } = null!;

    public IPEndPoint Extender { get; } = FreePort();

    /// <summary>What the claims waited for LocalPv; read it when nothing happens any more.</summary>
    public OwnPart OwnPart { get; } = new();

    /// <summary>
    /// Starts it. With <paramref name="agentsOf"/>, callers have to say who they are, the agents of these nodes have tokens that name them,
    /// and the shipped admission policy is asked before each write that comes over HTTP.
    /// </summary>
    public static async Task<InnerCluster> StartAsync(params string[] agentsOf)
    {
        var cluster = new InnerCluster();
        if (agentsOf.Length > 0)
        {
            cluster._options = new()
            {
                Tokens = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, agentsOf.Append(null)
                    .Select(node => KeyValuePair.Create(TokenOf(node), new RestCaller(AgentsAccount, true) { NodeName = node }))
                    .Append(KeyValuePair.Create("administrator", new RestCaller("kubernetes-admin", true)))),
                Admit = AdmissionPolicy.Shipped().Refuse,
            };
        }

        cluster._server.Committed += cluster.OwnPart.Note;
        cluster._listener = await EmbeddedApiServer.StartAsync(cluster._server, cluster._options);
        cluster._api = new GatedClusterApi(cluster._server, cluster._listener.Gate, cluster._clock, TimeProvider.System);
        cluster.Connection = new ClusterConnection
        {
            Server = cluster._listener.Address,
            Source = "the embedded cluster",
            Token = agentsOf.Length > 0 ? "administrator" : null,
        };
        foreach (var file in Directory.GetFiles(Kubectl.Repository.File("deploy/crds"), "*.yaml"))
        {
            foreach (var tree in DeployFiles.Read(file))
            {
                cluster.Seed(ResourceTypes.CustomResourceDefinitions, tree);
            }
        }

        cluster.Start(cluster._controllers, name => name != "scheduler");
        cluster.Start(cluster._scheduler, name => name == "scheduler");
        return cluster;
    }

    public Task<bool> ConfinesAgentsAsync() => Task.FromResult(!_options.Tokens.IsEmpty);

    public Task<ClusterConnection> ConnectAgentAsync(string? node) =>
        Task.FromResult(_options.Tokens.IsEmpty ? Connection : Connection with { Token = TokenOf(node) });

    public async Task RestartApiServerAsync()
    {
        var (gate, port) = (_listener.Gate, _listener.Address.Port);
        await _listener.DisposeAsync();
        await Task.Delay(500);
        _listener = await EmbeddedApiServer.StartAsync(_server, _options with { Port = port }, gate);
    }

    public async Task RestartSchedulerAsync()
    {
        await _scheduler.DisposeAsync();
        _scheduler = new WorkerGroup();
        Start(_scheduler, name => name == "scheduler");
    }

    public async ValueTask DisposeAsync()
    {
        await _scheduler.DisposeAsync();
        await _controllers.DisposeAsync();
        _api.Dispose();
        await _listener.DisposeAsync();
        _http.Dispose();
    }

    private void Start(WorkerGroup group, Func<string, bool> which)
    {
        var extender = new HttpExtenderEndpoint(_http);
        var address = new Uri($"http://{Extender}/scheduler");
        foreach (var (agent, runner) in ControlPlaneModels.Create([], _api, extender, address).Where(model => which(model.Agent.Name)))
        {
            group.Start(new AgentWorker(
                agent.Name, agent.Agent, new TimeLimitedEffectRunner(runner, TimeProvider.System), _clock, TimeProvider.System,
                new AgentWorkerOptions(), NullLogger.Instance));
        }
    }

    private static string TokenOf(string? node) => "agent-of-" + (node ?? "nobody");

    private void Seed(ResourceType type, JsonMap tree)
    {
        lock (_listener.Gate)
        {
            _server.Seed(_listener.Now, type, tree);
        }
    }

    private static IPEndPoint FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return (IPEndPoint)probe.LocalEndpoint;
    }
}
