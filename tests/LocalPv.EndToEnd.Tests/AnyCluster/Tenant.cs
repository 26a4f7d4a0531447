using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.VolumeGroups;
using LocalPv.EndToEnd.Tests.Deploy;

namespace LocalPv.EndToEnd.Tests.AnyCluster;

/// <summary>
/// What one test has of a cluster that it shares with others: a namespace, nodes with their agents, and a class for these nodes, all by a
/// name of its own. It speaks to the cluster over HTTP as a user does, and knows nothing else of it.
/// </summary>
internal sealed class Tenant : IAsyncDisposable
{
    private readonly ClusterWorld _world;

    private Tenant(ClusterWorld world, string name)
    {
        _world = world;
        Name = name;
    }

    /// <summary>The name of the namespace and of the class, and the beginning of the nodes' names.</summary>
    public string Name { get; }

    public List<PlainNode> Nodes { get; } = [];

    /// <summary>What the agents of these nodes took for their claims.</summary>
    public AgentWaits Waits { get; } = new();

    /// <summary>Nodes with a disk of 16 GiB each, whose space the class has been seen to report.</summary>
    public static async Task<Tenant> StartAsync(ClusterWorld world, int nodes)
    {
        var tenant = new Tenant(world, "e2e-" + Guid.NewGuid().ToString("n")[..8]);
        await world.EnsureAsync(ResourceTypes.Namespaces, "", PlainObjects.Namespace(tenant.Name));
        for (var i = 1; i <= nodes; i++)
        {
            await tenant.AddNodeAsync($"{tenant.Name}-{i}");
        }

        await tenant.AddClassAsync();
        await tenant.UntilReportedAsync();
        return tenant;
    }

    /// <summary>A Node object, and an agent with an empty disk for it.</summary>
    public async Task<PlainNode> AddNodeAsync(string name, string machine = "machine")
    {
        await _world.EnsureAsync(ResourceTypes.Nodes, "", PlainObjects.Node(name, Name, machine));
        var node = new PlainNode(name, Waits);
        Nodes.Add(node);
        await StartAgentAsync(node);
        return node;
    }

    /// <summary>Starts the agent of a node, with a token of its own.</summary>
    public async Task StartAgentAsync(PlainNode node) => await node.StartAsync(await _world.Cluster.ConnectAgentAsync(node.Name.Value));

    /// <summary>The class of this test's nodes; <paramref name="storage"/> instead of what is right.</summary>
    public Task AddClassAsync(string? storage = null, string? name = null, string binding = "WaitForFirstConsumer") =>
        _world.EnsureAsync(ResourceTypes.StorageClasses, "", JsonMap.Of(
            ("apiVersion", "storage.k8s.io/v1"),
            ("kind", "StorageClass"),
            ("metadata", JsonMap.Of(("name", name ?? Name))),
            ("provisioner", WellKnown.DefaultProvisioner),
            ("volumeBindingMode", binding),
            ("allowVolumeExpansion", true),
            ("parameters", JsonMap.Of((WellKnown.StorageParameter, storage ?? $$$"""
                {"nodeSelector":{"localpv.io/e2e":"{{{Name}}}"},"disks":{"match":["/dev/sd*"]},"volumeGroup":{"name":"e2e"}}
                """)))));

    public Task UntilReportedAsync() => _world.UntilAsync("every node reports its group", async () =>
        (await AllAsync<NodeLocalStorage>(ResourceTypes.NodeLocalStorages))
        .Count(storage => storage.StorageClassName == Name && storage.Phase == "Ready") == Nodes.Count);

    /// <summary>A claim, and nothing that uses it.</summary>
    public Task ClaimAsync(string name, string size, string mode = "ReadWriteOnce", bool block = false) => _world.EnsureAsync(
        ResourceTypes.PersistentVolumeClaims, Name, PlainObjects.Claim(name, size, Name, Name)
            .WithAt(["spec", "accessModes"], JsonList.Of(mode))
            .WithAt(["spec", "volumeMode"], block ? "Block" : "Filesystem"));

    /// <summary>A Pod with some claims; on a node that it names itself, or wherever the scheduler sends it.</summary>
    public Task PodAsync(string name, string[] claims, string? node = null, bool block = false) =>
        CreateAsync(ResourceTypes.Pods, PlainObjects.Pod(name, Name, claims, block).WithAt(["spec", "nodeName"], node));

    /// <summary>A claim, and a Pod of the same name that uses it.</summary>
    public async Task PodWithClaimAsync(string name, string size)
    {
        await ClaimAsync(name, size);
        await PodAsync(name, [name]);
    }

    public Task CreateAsync(ResourceType type, JsonMap body) => _world.EnsureAsync(type, type.Namespaced ? Name : "", body);

    public async Task PatchAsync(ResourceType type, string name, JsonMap changes)
    {
        var outcome = await _world.RetryAsync(new ClusterRequest.Patch(type, Key(type, name), changes));
        Assert.True(outcome.IsDone, outcome.Message);
    }

    public async Task DeleteAsync(ResourceType type, string name)
    {
        var outcome = await _world.RetryAsync(new ClusterRequest.Delete(type, Key(type, name))
        {
            GracePeriodSeconds = type == ResourceTypes.Pods ? 0 : null,
        });
        Assert.True(outcome.IsDone, outcome.Message);
    }

    /// <summary>A Pod and the claim of the same name.</summary>
    public async Task DeletePodWithClaimAsync(string name)
    {
        await DeleteAsync(ResourceTypes.Pods, name);
        await DeleteAsync(ResourceTypes.PersistentVolumeClaims, name);
    }

    public Task<IReadOnlyList<T>> AllAsync<T>(ResourceType type)
        where T : KubernetesObject => _world.AllAsync<T>(type, type.Namespaced ? Name : "");

    public async Task<PersistentVolumeClaim?> ClaimAsync(string name) =>
        (await AllAsync<PersistentVolumeClaim>(ResourceTypes.PersistentVolumeClaims)).FirstOrDefault(claim => claim.Name == name);

    public async Task<Pod?> PodAsync(string name) => (await AllAsync<Pod>(ResourceTypes.Pods)).FirstOrDefault(pod => pod.Name == name);

    /// <summary>The volumes of the class.</summary>
    public async Task<IReadOnlyList<PersistentVolume>> VolumesAsync() =>
    [
        .. (await AllAsync<PersistentVolume>(ResourceTypes.PersistentVolumes)).Where(volume => volume.StorageClassName == Name),
    ];

    /// <summary>What the nodes' LVM has of LocalPv's.</summary>
    public IReadOnlyList<(string Node, LogicalVolume Volume)> LogicalVolumes() =>
    [
        .. Nodes.SelectMany(node => node.Volumes().Where(volume => volume.Claim is not null).Select(volume => (node.Name.Value, volume))),
    ];

    public Task UntilAsync(string what, Func<Task<bool>> isTrue) => _world.UntilAsync($"{what} ({Name})", isTrue, StoryAsync);

    /// <summary>
    /// Waits until claims are bound and the Pods of these names have a node, and looks whether each claim's volume is where its Pod is, in
    /// Kubernetes' words and in LVM's.
    /// </summary>
    public async Task UntilServedAsync(params string[] names)
    {
        await UntilAsync("served: " + string.Join(", ", names), async () =>
        {
            var pods = await AllAsync<Pod>(ResourceTypes.Pods);
            var claims = await AllAsync<PersistentVolumeClaim>(ResourceTypes.PersistentVolumeClaims);
            return names.All(name => pods.Any(pod => pod.Name == name && pod.NodeName.Length > 0
                && pod.ClaimNames.All(used => claims.Any(claim => claim.Name == used && claim.Phase == "Bound"))));
        });
        var volumes = await VolumesAsync();
        foreach (var name in names)
        {
            var pod = (await PodAsync(name))!;
            foreach (var used in pod.ClaimNames)
            {
                var claim = (await ClaimAsync(used))!;
                Assert.Equal(pod.NodeName, volumes.Single(volume => volume.Name == claim.VolumeName).HostName);
                Assert.Equal(pod.NodeName, Assert.Single(LogicalVolumes(), made => made.Volume.Claim?.Value == claim.Uid).Node);
            }
        }
    }

    /// <summary>Waits until the scheduler says that a Pod has no node, in words that have these among them.</summary>
    public Task UntilWaitingAsync(string pod, string word) => UntilAsync($"{pod} waits, since {word}", async () =>
        (await PodAsync(pod))!.Tree.Map("status")?.List("conditions")?.Maps().Any(condition => condition.Text("type") == "PodScheduled"
            && condition.Text("status") == "False" && condition.Text("message")!.Contains(word, StringComparison.Ordinal)) == true);

    /// <summary>Waits until nothing of this test's claims is left: no volume, no logical volume.</summary>
    public Task UntilEmptyAsync() => UntilAsync(
        "nothing is left", async () => LogicalVolumes().Count == 0 && (await VolumesAsync()).Count == 0);

    /// <summary>Waits for an Event about an object whose message has all these words.</summary>
    public Task UntilEventAsync(string kind, string name, params string[] words) => UntilAsync(
        $"an Event about {kind} {name} with {string.Join(", ", words)}",
        async () => (await _world.AllAsync<KubernetesObject>(ResourceTypes.Events, "")).Any(happened =>
            (happened.Tree.Map("involvedObject") ?? happened.Tree.Map("regarding")) is { } about
            && about.Text("kind") == kind && about.Text("name") == name
            && words.All(word => Words(happened).Contains(word, StringComparison.Ordinal))));

    /// <summary>Takes away what would disturb others; a cluster that lives on keeps nothing of this test.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var pod in await AllAsync<Pod>(ResourceTypes.Pods))
        {
            await _world.RetryAsync(new ClusterRequest.Delete(ResourceTypes.Pods, pod.Key) { GracePeriodSeconds = 0 });
        }

        await _world.RetryAsync(new ClusterRequest.Delete(ResourceTypes.Namespaces, ObjectKey.ClusterScoped(Name)));
        await _world.RetryAsync(new ClusterRequest.Delete(ResourceTypes.StorageClasses, ObjectKey.ClusterScoped(Name)));
        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
            await _world.RetryAsync(new ClusterRequest.Delete(ResourceTypes.Nodes, ObjectKey.ClusterScoped(node.Name.Value)));
        }
    }

    private ObjectKey Key(ResourceType type, string name) => new(type.Namespaced ? Name : "", name);

    private static string Words(KubernetesObject happened) =>
        $"{happened.Tree.Text("reason")}: {happened.Tree.Text("message") ?? happened.Tree.Text("note")}";

    private async Task<string> StoryAsync()
    {
        var claims = await AllAsync<PersistentVolumeClaim>(ResourceTypes.PersistentVolumeClaims);
        var events = await AllAsync<KubernetesObject>(ResourceTypes.Events);
        return string.Join('\n', [
            "", .. claims.Select(claim => $"claim {claim.Name}: {claim.Phase} {claim.Annotations}"),
            .. (await AllAsync<Pod>(ResourceTypes.Pods)).Select(pod => $"pod {pod.Name} on '{pod.NodeName}': {pod.Tree.Map("status")}"),
            .. (await VolumesAsync()).Select(volume => $"volume {volume.Name}: {volume.Phase} on {volume.HostName}"),
            .. LogicalVolumes().Select(made => $"logical volume {made.Volume.Name} on {made.Node}"),
            .. events.Select(happened => $"event {Words(happened)}"),
        ]);
    }
}
