using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.EndToEnd.Tests.Deploy;
using LocalPv.Hosting.Composition;
using LocalPv.Hosting.Extender;
using LocalPv.Hosting.Kubernetes;
using LocalPv.Hosting.Workers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LocalPv.EndToEnd.Tests.AnyCluster;

/// <summary>LocalPv on a cluster: its definition, an extender and a controller. The nodes are the tenants'.</summary>
internal sealed class ClusterWorld : IAsyncDisposable
{
    private readonly HttpClusterApi _api;
    private IHost? _extender;
    private ExtenderServer? _extenderServer;
    private IHost? _controller;

    private ClusterWorld(ITestCluster cluster)
    {
        Cluster = cluster;
        _api = new HttpClusterApi(cluster.Connection, TimeProvider.System);
    }

    public ITestCluster Cluster { get; }

    /// <summary>LocalPv on a cluster, which ends with it.</summary>
    public static async Task<ClusterWorld> StartAsync(ITestCluster cluster)
    {
        var world = new ClusterWorld(cluster);
        foreach (var file in Directory.GetFiles(Kubectl.Repository.File("deploy/crds"), "*.yaml"))
        {
            foreach (var definition in DeployFiles.Read(file))
            {
                await world.EnsureAsync(ResourceTypes.CustomResourceDefinitions, "", definition);
            }
        }

        await world.EnsureAsync(ResourceTypes.Namespaces, "", PlainObjects.Namespace("localpv-system"));
        await world.DeployAsync();
        await world.UntilAsync("the definition is served", async () =>
            (await world.RetryAsync(new ClusterRequest.List(ResourceTypes.NodeLocalStorages, ObjectSelector.Everything))).IsDone);
        await world.StartExtenderAsync();
        await world.StartControllerAsync();
        return world;
    }

    // What agents may do, as it is shipped.
    private async Task DeployAsync()
    {
        foreach (var manifest in DeployFiles.Manifests.Where(manifest => manifest.Text("kind") is { } kind
            && (kind == "ServiceAccount" || kind.EndsWith("Role", StringComparison.Ordinal)
                || kind.EndsWith("Binding", StringComparison.Ordinal) || kind == "ValidatingAdmissionPolicy")))
        {
            var (version, kind) = (manifest.Text("apiVersion")!, manifest.Text("kind")!);
            var group = version.Contains('/', StringComparison.Ordinal) ? version.Split('/')[0] : "";
            var plural = kind.EndsWith('y') ? kind.ToLowerInvariant()[..^1] + "ies" : kind.ToLowerInvariant() + "s";
            var space = manifest.Map("metadata")!.Text("namespace") ?? "";
            await EnsureAsync(new(group, version.Split('/')[^1], plural, kind, space.Length > 0), space, manifest);
        }
    }

    public async Task RestartExtenderAsync()
    {
        await StopExtenderAsync();
        await StartExtenderAsync();
    }

    /// <summary>Waits until something is true; says what was waited for where it does not come.</summary>
    public async Task UntilAsync(string what, Func<Task<bool>> isTrue, Func<Task<string>>? instead = null)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (!await isTrue())
        {
            if (limit.IsCancellationRequested)
            {
                Assert.Fail($"Not within 3 minutes: {what}. {(instead is null ? "" : await instead())}");
            }

            await Task.Delay(100);
        }
    }

    public async Task<IReadOnlyList<T>> AllAsync<T>(ResourceType type, string space)
        where T : KubernetesObject
    {
        var listed = await RetryAsync(new ClusterRequest.List(type, new ObjectSelector(space)));
        Assert.True(listed.TryGetValue(out var answer), listed.Message);
        return [.. answer.Items.OfType<T>()];
    }

    /// <summary>Sends as a user whose tool tries again: while the API server is away, nothing else would help.</summary>
    public async Task<Outcome<ClusterAnswer>> RetryAsync(ClusterRequest request)
    {
        for (var i = 0; ; i++)
        {
            var outcome = await _api.SendAsync(request, CancellationToken.None);
            if (outcome.Kind is not (OutcomeKind.Unavailable or OutcomeKind.InDoubt) || i == 100)
            {
                return outcome;
            }

            await Task.Delay(100);
        }
    }

    /// <summary>Makes an object where it is not there yet.</summary>
    public async Task EnsureAsync(ResourceType type, string space, JsonMap body)
    {
        var outcome = await RetryAsync(new ClusterRequest.Create(type, space, body));
        Assert.True(outcome.Kind is OutcomeKind.Done or OutcomeKind.AlreadyExists, outcome.Message);
        if (type == ResourceTypes.Nodes && outcome.TryGetValue(out var made) && made.Object!.Tree.Map("status") is not { Count: > 0 })
        {
            var status = JsonMap.Of(("status", body.Map("status")!));
            await RetryAsync(new ClusterRequest.Patch(type, made.Object.Key, status, "status"));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopExtenderAsync();
        if (_controller is { } controller)
        {
            await controller.StopAsync();
            controller.Dispose();
        }

        _api.Dispose();
        await Cluster.DisposeAsync();
    }

    private async Task StartExtenderAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging();
        builder.Services.AddExtender(Cluster.Connection, new ExtenderOptions());
        _extender = builder.Build();
        var clock = _extender.Services.GetRequiredService<AgentClock>();
        _extenderServer = await ExtenderServer.StartAsync(
            _extender.Services.GetRequiredService<ExtenderAgent>(), () => clock.Now, Cluster.Extender, CancellationToken.None);
        await _extender.StartAsync();
    }

    private async Task StopExtenderAsync()
    {
        if (_extenderServer is not null)
        {
            await _extenderServer.DisposeAsync();
        }

        if (_extender is { } extender)
        {
            await extender.StopAsync();
            extender.Dispose();
        }
    }

    // Less patient with nodes that are gone than as shipped: nothing of theirs is under way for a minute here.
    private async Task StartControllerAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging();
        builder.Services.AddClusterAgent(Cluster.Connection, new ClusterAgentOptions
        {
            Identity = "e2e",
            NodeGoneGrace = TimeSpan.FromSeconds(3),
            ReviewPeriod = TimeSpan.FromSeconds(1),
        });
        _controller = builder.Build();
        await _controller.StartAsync();
    }
}
