using System.Text;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Hosting.Kubernetes;
using LocalPv.Hosting.Up;
using LocalPv.Hosting.Up.Story;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalPv.EndToEnd.Tests.Up;

/// <summary>
/// A whole embedded cluster with LocalPv beside it, speaking HTTP, for one test: apply manifests, wait for what must come true, look.
/// </summary>
internal sealed class UpWorld : IAsyncDisposable
{
    // Generous: the machine may be busy, and a wait ends as soon as what it waits for is true.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly UpSession _session;
    private readonly HttpClusterApi _api;
    private string? _earlier;
    private readonly string _folder = Directory.CreateTempSubdirectory("localpv-e2e-").FullName;

    private UpWorld(UpSession session)
    {
        _session = session;
        _api = new HttpClusterApi(session.Cluster.Connection, TimeProvider.System);
    }

    /// <summary>A class that takes every disk of every node.</summary>
    public const string FastClass =
        """
        apiVersion: storage.k8s.io/v1
        kind: StorageClass
        metadata: {name: fast}
        provisioner: local-volume-provisioner
        volumeBindingMode: WaitForFirstConsumer
        parameters:
          localpv.io/storage: |
            {"nodeSelector": {}, "disks": {"match": ["/dev/sd*"]}, "volumeGroup": {"name": "fast"}}
        """;

    public UpSession Session => _session;

    public IReadOnlyList<TimelineEntry> Timeline => _session.Timeline.Entries;

    public static async Task<UpWorld> StartAsync(UpOptions? options = null, TimeProvider? time = null)
    {
        var session = await UpSession.StartAsync(
            options ?? new UpOptions(),
            new SilentView(),
            time ?? TimeProvider.System,
            NullLoggerFactory.Instance,
            CancellationToken.None);
        return new UpWorld(session);
    }

    /// <summary>A world of two nodes, both of which have reported the space of <see cref="FastClass"/>.</summary>
    public static async Task<UpWorld> StartReadyAsync(TimeProvider? time = null)
    {
        var world = await StartAsync(new UpOptions { Nodes = 2 }, time);
        await world.ApplyAsync(FastClass);
        await world.UntilAsync("both nodes report", here =>
            here.Storage("fast", "node-1")?.Phase == "Ready" && here.Storage("fast", "node-2")?.Phase == "Ready");
        return world;
    }

    /// <summary>A ready world in which a claim, <c>earlier</c>, has its volume and is in use.</summary>
    public static async Task<UpWorld> StartServingAsync(TimeProvider? time = null)
    {
        var world = await StartReadyAsync(time);
        await world.ApplyAsync(PodWithClaim("earlier", "1Gi"));
        await world.UntilRunsAsync("earlier");
        world._earlier = world.Standing("earlier");
        return world;
    }

    /// <summary>A class with these words as its <c>localpv.io/storage</c>.</summary>
    public static string Class(string name, string parameters) =>
        JsonMap.Of(
            ("apiVersion", "storage.k8s.io/v1"),
            ("kind", "StorageClass"),
            ("metadata", JsonMap.Of(("name", name))),
            ("provisioner", WellKnown.DefaultProvisioner),
            ("volumeBindingMode", "WaitForFirstConsumer"),
            ("parameters", JsonMap.Of((WellKnown.StorageParameter, parameters)))).ToString()!;

    /// <summary>A Pod with one claim.</summary>
    public static string PodWithClaim(string name, string size, string storageClass = "fast") =>
        $$"""
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: {{name}}}
        spec:
          accessModes: [ReadWriteOnce]
          storageClassName: {{storageClass}}
          resources:
            requests:
              storage: "{{size}}"
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: {{name}}}
        spec:
          containers: [{name: c, image: pause}]
          volumes:
            - name: v
              persistentVolumeClaim:
                claimName: {{name}}
        """;

    public Task<Outcome<Nothing>> TryApplyAsync(string yaml) => ApplyByAsync(_api, yaml);

    /// <summary>Applies without HTTP: for a server that does not listen.</summary>
    public async Task ApplyInsideAsync(string yaml)
    {
        var outcome = await ApplyByAsync(_session.Cluster.Inside, yaml);
        Assert.True(outcome.IsDone, outcome.Message);
    }

    public async Task ApplyAsync(string yaml)
    {
        var outcome = await TryApplyAsync(yaml);
        Assert.True(outcome.IsDone, outcome.Message);
    }

    /// <summary>Waits until something is true of the cluster; fails with what happened so far.</summary>
    public async Task UntilAsync(string what, Func<UpWorld, bool> isTrue)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!isTrue(this))
        {
            Assert.False(_session.Bug.IsCompleted, _session.Bug.IsCompleted ? (await _session.Bug).ToString() : "");
            Assert.False(limit.IsCancellationRequested, $"Not within {Patience}: {what}.\n{Story()}");
            await Task.Delay(20, CancellationToken.None);
        }
    }

    public Task UntilRunsAsync(params string[] pods) => UntilAsync(
        "Pods run: " + string.Join(", ", pods), world => pods.All(pod => world.Pod(pod)?.Phase == "Running"));

    /// <summary>
    /// A good claim gets its volume, whatever else is wrong; and the claim that had one before (<see cref="StartServingAsync"/>) has it as
    /// it was.
    /// </summary>
    public async Task AssertOthersAreServedAsync()
    {
        await ApplyAsync(PodWithClaim("good", "1Gi"));
        await UntilRunsAsync("good");
        Assert.Equal("Bound", Claim("good")!.Phase);
        AssertEarlierIsUntouched();
    }

    /// <summary>The claim that had a volume before has the same one, and its Pod still runs on it.</summary>
    public void AssertEarlierIsUntouched()
    {
        Assert.NotNull(_earlier);
        Assert.Equal(_earlier, Standing("earlier"));
    }

    /// <summary>Waits for an Event about an object whose message has all these words.</summary>
    public Task UntilEventAsync(string kind, string name, params string[] words) => UntilAsync(
        $"an Event about {kind} {name} with {string.Join(", ", words)}; there are:\n{string.Join("\n", Events(kind, name))}",
        world => world.Events(kind, name).Any(message => words.All(word => message.Contains(word, StringComparison.Ordinal))));

    public IReadOnlyList<T> All<T>(ResourceType type)
        where T : KubernetesObject => _session.Cluster.Look(server => server.Snapshot(type)).OfType<T>().ToArray();

    public Pod? Pod(string name) => All<Pod>(ResourceTypes.Pods).FirstOrDefault(pod => pod.Name == name);

    public PersistentVolumeClaim? Claim(string name) =>
        All<PersistentVolumeClaim>(ResourceTypes.PersistentVolumeClaims).FirstOrDefault(claim => claim.Name == name);

    public NodeLocalStorage? Storage(string storageClass, string node) =>
        All<NodeLocalStorage>(ResourceTypes.NodeLocalStorages)
            .FirstOrDefault(storage => storage.StorageClassName == storageClass && storage.NodeName == node);

    /// <summary>Why the scheduler says that a Pod has no node; empty where it does not.</summary>
    public string WhyWaiting(string pod) => (Pod(pod)?.Tree.At("status", "conditions") as JsonList)?.Maps()
        .FirstOrDefault(condition => condition.Text("type") == "PodScheduled" && condition.Text("status") == "False")?
        .Text("message") ?? "";

    public IEnumerable<string> Events(string kind, string name) => All<KubernetesObject>(ResourceTypes.Events)
        .Where(happened => About(happened) is { } about && about.Text("kind") == kind && about.Text("name") == name)
        .Select(happened => $"{happened.Tree.Text("reason")}: {happened.Tree.Text("message") ?? happened.Tree.Text("note")}");

    /// <summary>The names of the logical volumes on all nodes.</summary>
    public IReadOnlyList<string> LogicalVolumes() => _session.Cluster.Nodes
        .SelectMany(node => node.Observe().VolumeGroups.SelectMany(group => group.LogicalVolumes.Select(volume => volume.Name.Value)))
        .ToArray();

    public async Task DeleteAsync(ResourceType type, string name, string inNamespace = "default")
    {
        var key = new ObjectKey(type.Namespaced ? inNamespace : "", name);
        var outcome = await _api.SendAsync(new ClusterRequest.Delete(type, key), CancellationToken.None);
        Assert.True(outcome.IsDone, outcome.Message);
    }

    public string Story()
    {
        var text = new StringBuilder();
        foreach (var entry in Timeline)
        {
            text.Append(entry).Append('\n');
        }

        return text.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        _api.Dispose();
        await _session.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    // All that a claim, its volume, its Pod and its logical volume say, but for what every writer counts up.
    private string Standing(string name)
    {
        var claim = Claim(name)!;
        var volume = All<PersistentVolume>(ResourceTypes.PersistentVolumes).Single(volume => volume.Name == claim.VolumeName);
        var pod = Pod(name)!;
        return string.Join('\n', [
            $"{claim.Uid} {claim.Annotations} {claim.Tree["spec"]} {claim.Tree["status"]}",
            $"{volume.Uid} {volume.Annotations} {volume.Tree["spec"]} {volume.Tree["status"]}",
            $"{pod.Uid} {pod.NodeName} {pod.Phase}",
            LogicalVolumes().Single(made => made == volume.Name)]);
    }

    private async Task<Outcome<Nothing>> ApplyByAsync(IClusterApi api, string yaml)
    {
        var file = Path.Combine(_folder, "manifest.yaml");
        await File.WriteAllTextAsync(file, yaml);
        var applier = new ManifestApplier(api, _session.Cluster.FindType);
        foreach (var manifest in Manifests.ReadFile(file).Value)
        {
            var outcome = await applier.ApplyAsync(manifest, CancellationToken.None);
            if (!outcome.IsDone)
            {
                return outcome;
            }
        }

        return Outcome.Done(default(Nothing));
    }

    private static JsonMap? About(KubernetesObject happened) => happened.Tree.Map("involvedObject") ?? happened.Tree.Map("regarding");

    private sealed class SilentView : IUpView
    {
        public void Show(TimelineEntry entry)
        {
        }

        public void Status(string text)
        {
        }
    }
}
