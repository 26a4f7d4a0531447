using LocalPv.Core.Agents;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Placement;
using LocalPv.Core.Ports;
using LocalPv.Core.Tests.World;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;
using LocalPv.Fake.Lvm;
using LocalPv.Hosting.Embedded;
using LocalPv.Hosting.Kubernetes;
using LocalPv.Hosting.Workers;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalPv.Hosting.Tests.Workers;

/// <summary>Several processes of one kind over real HTTP: two controllers, two extenders, an old and a new agent of one node.</summary>
public sealed class ReplicaTests : IAsyncLifetime
{
    private readonly FakeApiServer _server = new(new FakeApiServerOptions { StartedAt = Instant.From(DateTimeOffset.UtcNow) });
    private readonly List<WorkerGroup> _processes = [];
    private readonly List<HttpClusterApi> _connections = [];
    private EmbeddedApiServer? _http;

    public async Task InitializeAsync()
    {
        TestObjects.Install(_server, Instant.From(DateTimeOffset.UtcNow));
        _http = await EmbeddedApiServer.StartAsync(_server, new EmbeddedApiServerOptions());
    }

    public async Task DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }

        _connections.ForEach(connection => connection.Dispose());
        await _http!.DisposeAsync();
    }

    [Fact]
    public async Task Controllers_Two_OneLeadsAndTheOtherAfterItsDeath()
    {
        var agents = ((string[])["one", "two"]).Select((name, number) => new ClusterAgent(new ClusterAgentOptions
        {
            Identity = name,
            Spread = (ulong)number,
            LeaseDuration = TimeSpan.FromSeconds(2),
            RenewDeadline = TimeSpan.FromSeconds(1.5),
            LeaseRetry = TimeSpan.FromSeconds(0.2),
        })).ToArray();
        var processes = agents.Select(agent => Start(agent)).ToArray();
        await UntilAsync("one leads", () => agents.Count(agent => agent.IsLeader) == 1);
        var first = Array.FindIndex(agents, agent => agent.IsLeader);

        _processes.Remove(processes[first]);
        await processes[first].DisposeAsync();

        await UntilAsync("the other leads", () => agents[1 - first].IsLeader);
        var lease = Find(ResourceTypes.Leases, "localpv-system", "localpv-controller").Tree.Map("spec")!;
        Assert.Equal(first == 0 ? "two" : "one", lease.Text("holderIdentity"));
        Assert.Equal(1, lease.Number("leaseTransitions"));
    }

    [Fact]
    public async Task Extenders_Two_KnowTheSameOfEachOthersNodesByTheApiAlone()
    {
        Seed(ResourceTypes.StorageClasses, TestObjects.Class("fast", """{"nodes":[{"name":"n1","disks":["/dev/sdb"]}]}"""));
        foreach (var node in (string[])["n1", "n2"])
        {
            SeedReport(node, "10Gi");
        }

        Seed(ResourceTypes.PersistentVolumeClaims, TestObjects.Claim("first", "8Gi", null, "fast"));
        Seed(ResourceTypes.PersistentVolumeClaims, TestObjects.Claim("second", "8Gi", null, "fast"));
        var agents = new[] { new ExtenderAgent(new ExtenderOptions()), new ExtenderAgent(new ExtenderOptions()) };
        foreach (var agent in agents)
        {
            Start(agent);
        }

        await UntilAsync("both are ready", () => agents.All(agent => agent.IsReady));
        Assert.All(agents, agent => Assert.Equal(["n1", "n2"], Passed(agent, "first")));

        // The scheduler chose n1, whichever of the two it had asked.
        Do(new ClusterRequest.Patch(ResourceTypes.PersistentVolumeClaims, new ObjectKey("default", "first"), JsonMap.Empty.WithAt(
            ["metadata", "annotations", WellKnown.SelectedNodeAnnotation], "n1")));

        await UntilAsync("both keep n1 for it", () => agents.All(agent => Passed(agent, "second") is ["n2"]));
    }

    [Fact]
    public async Task Agents_OldAndNewOfOneNode_MakeEachVolumeOnce()
    {
        Seed(ResourceTypes.Nodes, JsonMap.Of(
            ("metadata", JsonMap.Of(("name", "n1"), ("labels", JsonMap.Of((WellKnown.HostNameLabel, "n1")))))));
        Seed(ResourceTypes.StorageClasses, TestObjects.Class("fast", """{"nodes":[{"name":"n1","disks":["/dev/sdb"]}]}"""));
        var storage = new SharedStorage();
        foreach (var spread in (ulong[])[1, 2])
        {
            Start(new NodeAgent(new NodeAgentOptions { Node = NodeName.Parse("n1"), Spread = spread }), storage);
        }

        const int Claims = 8;
        for (var number = 0; number < Claims; number++)
        {
            Seed(ResourceTypes.PersistentVolumeClaims, TestObjects.Claim($"c{number}", "100Mi", "n1", "fast"));
        }

        await UntilAsync("each claim has its volume", () => All(ResourceTypes.PersistentVolumes).Count == Claims);
        await Task.Delay(TimeSpan.FromSeconds(1));
        var volumes = All(ResourceTypes.PersistentVolumes);
        Assert.Equal(Claims, volumes.Count);
        Assert.Equal(volumes.Select(volume => volume.Name).Order(), storage.Names().Order());
    }

    private static string[] Passed(ExtenderAgent agent, string claim)
    {
        var pod = new PodToPlace("default", "pod-" + claim, "uid-pod-" + claim, [claim]);
        return [.. agent.Filter(Instant.From(DateTimeOffset.UtcNow), new FilterRequest(pod, ["n1", "n2"])).Passed];
    }

    private static async Task UntilAsync(string what, Func<bool> condition)
    {
        for (var i = 0; i < 1200 && !condition(); i++)
        {
            await Task.Delay(50);
        }

        Assert.True(condition(), "Not within a minute: " + what);
    }

    private WorkerGroup Start(IAgent agent, INodeStorage? storage = null)
    {
        var api = new HttpClusterApi(new ClusterConnection { Server = _http!.Address, Source = "test" }, TimeProvider.System);
        _connections.Add(api);
        var time = TimeProvider.System;
        var process = new WorkerGroup();
        _processes.Add(process);
        process.Start(new AgentWorker(
            "replica", agent, new TimeLimitedEffectRunner(new EffectRunner(api, storage), time), new AgentClock(time), time,
            new AgentWorkerOptions(), NullLogger.Instance));
        return process;
    }

    private void SeedReport(string node, string free)
    {
        var made = Seed(ResourceTypes.NodeLocalStorages, JsonMap.Of(
            ("metadata", JsonMap.Of(("name", "fast." + node))),
            ("spec", JsonMap.Of(("storageClassName", "fast"), ("nodeName", node)))));
        Do(new ClusterRequest.Patch(made.Type, made.Key, JsonMap.Of(("status", JsonMap.Of(
            ("phase", "Ready"),
            ("scanSequence", 1),
            ("lastScanTime", Instant.From(DateTimeOffset.UtcNow).ToRfc3339()),
            ("volumeGroup", JsonMap.Of(("name", "localpv-fast"), ("uuid", "u-" + node), ("extentSize", "4Mi"))),
            ("capacity", free),
            ("free", free)))), "status"));
    }

    private KubernetesObject Seed(ResourceType type, JsonMap body)
    {
        lock (_http!.Gate)
        {
            return _server.Seed(_http.Now, type, body);
        }
    }

    private void Do(ClusterRequest request)
    {
        lock (_http!.Gate)
        {
            Assert.True(_server.Send(_http.Now, request).IsDone);
        }
    }

    private KubernetesObject Find(ResourceType type, string space, string name)
    {
        lock (_http!.Gate)
        {
            return _server.Find(type, new ObjectKey(space, name))!;
        }
    }

    private List<KubernetesObject> All(ResourceType type)
    {
        lock (_http!.Gate)
        {
            return [.. _server.Snapshot(type)];
        }
    }

    /// <summary>The disks of one node, under two agents.</summary>
    private sealed class SharedStorage : INodeStorage
    {
        private readonly Lock _gate = new();
        private readonly FakeLvm _lvm = new("n1");
        private readonly FakeNodeStorage _storage;

        public SharedStorage()
        {
            _lvm.AddDisk("/dev/sdb", "ata-SHARED", Bytes.FromGibibytes(16));
            _storage = new FakeNodeStorage(_lvm);
        }

        public ValueTask<Outcome<NodeStorageAnswer>> RunAsync(NodeStorageRequest request, CancellationToken cancellationToken)
        {
            lock (_gate)
            {
                return _storage.RunAsync(request, cancellationToken);
            }
        }

        public string[] Names()
        {
            lock (_gate)
            {
                return [.. _lvm.Observe().VolumeGroups.SelectMany(group => group.LogicalVolumes).Select(volume => volume.Name.Value)];
            }
        }
    }
}
