using System.Net;
using LocalPv.Core.Agents;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;
using LocalPv.Hosting.Composition;
using LocalPv.Hosting.Embedded;
using LocalPv.Hosting.Health;
using LocalPv.Hosting.Kubernetes;
using LocalPv.Hosting.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LocalPv.Hosting.Tests.Health;

/// <summary>A service composed as the program composes it, against an API server over HTTP, with its listener for health.</summary>
internal sealed class RunningService : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly EmbeddedApiServer _listener;
    private readonly IHost _host;
    private readonly OperationsServer _operations;
    private readonly HttpClient _http;

    private RunningService(FakeApiServer server, EmbeddedApiServer listener, IHost host, OperationsServer operations)
    {
        Server = server;
        _listener = listener;
        _host = host;
        _operations = operations;
        _http = new HttpClient { BaseAddress = operations.Address };
    }

    public FakeApiServer Server { get; }

    public IServiceProvider Services => _host.Services;

    public static Task<RunningService> AgentAsync(string node = "node-1") => StartAsync((services, connection) => services
        .AddSingleton(StorageBackends.Create(StorageBackend.Fake, NodeName.Parse(node)))
        .AddNodeAgent(connection, new NodeAgentOptions { Node = NodeName.Parse(node) }));

    public static Task<RunningService> ExtenderAsync(Func<string>? certificate = null, bool reachable = true) => StartAsync(
        (services, connection) => services.AddExtender(connection, new ExtenderOptions(), certificate), reachable);

    public static Task<RunningService> ControllerAsync(TimeProvider? time = null) => StartAsync((services, connection) => services
        .AddSingleton(time ?? TimeProvider.System)
        .AddClusterAgent(connection, new ClusterAgentOptions { Identity = "one" }));

    public async Task<(HttpStatusCode Status, string Body)> GetAsync(string path)
    {
        using var response = await _http.GetAsync(new Uri(path, UriKind.Relative));
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public async Task<HttpStatusCode> PostAsync(string path)
    {
        using var response = await _http.PostAsync(new Uri(path, UriKind.Relative), null);
        return response.StatusCode;
    }

    /// <summary>Asks until the page says something; its text then.</summary>
    public async Task<string> UntilAsync(string path, Func<string, bool> isTrue)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            var (_, body) = await GetAsync(path);
            if (isTrue(body))
            {
                return body;
            }

            Assert.False(limit.IsCancellationRequested, $"Not within {Patience} on {path}:\n{body}");
            await Task.Delay(20);
        }
    }

    public void Seed(ResourceType type, string json)
    {
        lock (_listener.Gate)
        {
            Server.Seed(_listener.Now, type, (JsonMap)JsonTree.Parse(json));
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _operations.DisposeAsync();
        await _host.StopAsync();
        _host.Dispose();
        await _listener.DisposeAsync();
    }

    private static async Task<RunningService> StartAsync(Action<IServiceCollection, ClusterConnection> add, bool reachable = true)
    {
        var now = Instant.From(DateTimeOffset.UtcNow);
        var server = new FakeApiServer(new FakeApiServerOptions { StartedAt = now });
        var file = Repository.File("deploy/crds/localpv.io_nodelocalstorages.yaml");
        foreach (var tree in YamlTree.ReadAll(File.ReadAllText(file), file).Value)
        {
            server.Seed(now, ResourceTypes.CustomResourceDefinitions, (JsonMap)tree);
        }

        server.Seed(now, ResourceTypes.Namespaces, (JsonMap)JsonTree.Parse("""{"metadata":{"name":"localpv-system"}}"""));
        server.Seed(now, ResourceTypes.Nodes, (JsonMap)JsonTree.Parse(
            """{"metadata":{"name":"node-1","labels":{"kubernetes.io/hostname":"node-1"}}}"""));
        var listener = await EmbeddedApiServer.StartAsync(server, new EmbeddedApiServerOptions());
        var address = reachable ? listener.Address : new Uri("http://127.0.0.1:1/");
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging();
        add(builder.Services, new ClusterConnection { Server = address, Source = "the test" });
        var host = builder.Build();
        var operations = await OperationsServer.StartAsync(
            new IPEndPoint(IPAddress.Loopback, 0),
            host.Services.GetRequiredService<ServiceState>(),
            host.Services.GetRequiredService<MetricsPage>(),
            CancellationToken.None);
        await host.StartAsync();
        return new RunningService(server, listener, host, operations);
    }
}
