using System.Globalization;
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

namespace LocalPv.EndToEnd.Tests.Burst;

/// <summary>LocalPv on a cluster: an extender, a controller, and an agent on the fake LVM for each of many nodes.</summary>
internal sealed class BurstWorld : IAsyncDisposable
{
    private const string Space = "localpv-e2e";
    private const string Class = "e2e";

    private readonly HttpClusterApi _api;
    private IHost? _extender;
    private ExtenderServer? _extenderServer;
    private IHost? _controller;

    private BurstWorld(IBurstCluster cluster)
    {
        Cluster = cluster;
        _api = new HttpClusterApi(cluster.Connection, TimeProvider.System);
    }

    public IBurstCluster Cluster { get; }

    public List<BurstNode> Nodes { get; } = [];

    /// <summary>LocalPv on the cluster of this run: the embedded one, or the one that the environment names.</summary>
    public static async Task<BurstWorld> StartAsync(int nodes) => await StartAsync(
        Environment.GetEnvironmentVariable("LOCALPV_E2E_KUBECONFIG") is { Length: > 0 } kubeconfig
            ? ExternalCluster.OfTheEnvironment(kubeconfig)
            : await InnerCluster.StartAsync(),
        nodes);

    /// <summary>LocalPv on a cluster, which ends with it.</summary>
    public static async Task<BurstWorld> StartAsync(IBurstCluster cluster, int nodes)
    {
        var world = new BurstWorld(cluster);
        foreach (var space in (string[])["localpv-system", Space])
        {
            await world.EnsureAsync(ResourceTypes.Namespaces, "", Named(space));
        }

        await world.StartExtenderAsync();
        await world.StartControllerAsync();
        for (var i = 1; i <= nodes; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"e2e-{i}");
            await world.EnsureAsync(ResourceTypes.Nodes, "", PlainObjects.Node(name));
            var node = new BurstNode(name);
            world.Nodes.Add(node);
            await node.StartAsync(world.Cluster.Connection);
        }

        await world.EnsureAsync(ResourceTypes.StorageClasses, "", (JsonMap)JsonTree.Parse(
            $$$"""
            {"apiVersion":"storage.k8s.io/v1","kind":"StorageClass","metadata":{"name":"{{{Class}}}"},
             "provisioner":"local-volume-provisioner","volumeBindingMode":"WaitForFirstConsumer","parameters":{"localpv.io/storage":
               "{\"nodeSelector\":{\"localpv.io/e2e\":\"true\"},\"disks\":{\"match\":[\"/dev/sd*\"]},\"volumeGroup\":{\"name\":\"e2e\"}}"}}
            """));
        await world.UntilAsync("every node reports its group", async () =>
            (await world.AllAsync<NodeLocalStorage>(ResourceTypes.NodeLocalStorages, ""))
            .Count(storage => storage.StorageClassName == Class && storage.Phase == "Ready") == nodes);
        return world;
    }

    public async Task BurstAsync(string wave, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{wave}-{i}");
            await EnsureAsync(ResourceTypes.PersistentVolumeClaims, Space, PlainObjects.Claim(name, "1Gi", Class, Space));
            await EnsureAsync(ResourceTypes.Pods, Space, PlainObjects.Pod(name, Space));
        }
    }

    public async Task RestartExtenderAsync()
    {
        await StopExtenderAsync();
        await StartExtenderAsync();
    }

    public async Task<IReadOnlyList<PersistentVolumeClaim>> ClaimsAsync() =>
        await AllAsync<PersistentVolumeClaim>(ResourceTypes.PersistentVolumeClaims, Space);

    public async Task<IReadOnlyList<PersistentVolume>> VolumesAsync() =>
        [.. (await AllAsync<PersistentVolume>(ResourceTypes.PersistentVolumes, "")).Where(volume => volume.StorageClassName == Class)];

    public async Task DeleteAllAsync()
    {
        foreach (var claim in await ClaimsAsync())
        {
            await RetryAsync(new ClusterRequest.Delete(ResourceTypes.Pods, claim.Key) { GracePeriodSeconds = 0 });
            await RetryAsync(new ClusterRequest.Delete(ResourceTypes.PersistentVolumeClaims, claim.Key));
        }
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

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }

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

    private async Task StartControllerAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging();
        builder.Services.AddClusterAgent(Cluster.Connection, new ClusterAgentOptions { Identity = "e2e" });
        _controller = builder.Build();
        await _controller.StartAsync();
    }

    public async Task<IReadOnlyList<T>> AllAsync<T>(ResourceType type, string space)
        where T : KubernetesObject
    {
        var listed = await RetryAsync(new ClusterRequest.List(type, new ObjectSelector(space)));
        return listed.TryGetValue(out var answer) ? [.. answer.Items.OfType<T>()] : [];
    }

    // A user whose tool tries again: while the API server is away, nothing else would help.
    private async Task<Outcome<ClusterAnswer>> RetryAsync(ClusterRequest request)
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

    private async Task EnsureAsync(ResourceType type, string space, JsonMap body)
    {
        var outcome = await RetryAsync(new ClusterRequest.Create(type, space, body));
        Assert.True(outcome.Kind is OutcomeKind.Done or OutcomeKind.AlreadyExists, outcome.Message);
        if (type == ResourceTypes.Nodes && outcome.TryGetValue(out var made) && made.Object!.Tree.Map("status") is not { Count: > 0 })
        {
            var status = JsonMap.Of(("status", body.Map("status")!));
            await RetryAsync(new ClusterRequest.Patch(type, made.Object.Key, status, "status"));
        }
    }

    private static JsonMap Named(string name) => JsonMap.Of(
        ("apiVersion", "v1"), ("kind", "Namespace"), ("metadata", JsonMap.Of(("name", name))));
}
