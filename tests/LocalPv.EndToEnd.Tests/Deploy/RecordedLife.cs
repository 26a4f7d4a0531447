using System.Collections.Immutable;
using LocalPv.Core.Agents;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Placement;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;
using LocalPv.Fake.Controllers;
using LocalPv.Fake.Lvm;
using LocalPv.Fake.Scheduling;
using LocalPv.Fake.Tests.Driving;
using LocalPv.Hosting.Security;

namespace LocalPv.EndToEnd.Tests.Deploy;

/// <summary>A write of an agent that the server took: the object before and after; null where there is none.</summary>
internal sealed record Write(string Account, string Node, string Operation, AccessRequest Request, JsonMap? Before, JsonMap? After);

/// <summary>
/// The life of a cluster with LocalPv in virtual time: volumes made, grown, moved and removed, a class that goes, a node that is lost, all
/// that LocalPv's parts do. Everything that they ask the API server for is kept.
/// </summary>
internal sealed class RecordedLife
{
    private static readonly Instant Beginning = Instant.From(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private static readonly string[] NodeNames = ["node-1", "node-2", "node-3"];

    private readonly FakeApiServer _server = new(new FakeApiServerOptions { StartedAt = Beginning });
    private readonly Dictionary<string, FakeLvm> _lvms = [];
    private readonly VirtualTimeDriver _driver;
    private readonly List<DrivenAgent> _driven = [];
    private readonly ExtenderAgent _extender = new(new ExtenderOptions());

    private RecordedLife() => _driver = new VirtualTimeDriver(_server, Beginning) { OtherEffects = CallStorage };

    /// <summary>What each service account asked for.</summary>
    public Dictionary<string, HashSet<AccessRequest>> Requests { get; } = new(StringComparer.Ordinal);

    /// <summary>What was written.</summary>
    public List<Write> Writes { get; } = [];

    /// <summary>Lives through all of it.</summary>
    public static RecordedLife Live()
    {
        var life = new RecordedLife();
        life.Begin();
        life.KeepVolumes();
        life.LoseSpaceAndNode();
        life.KeepCertificates();
        return life;
    }

    private void Begin()
    {
        foreach (var tree in DeployFiles.Read(Kubectl.Repository.File("deploy/crds/localpv.io_nodelocalstorages.yaml")))
        {
            _driver.Create(ResourceTypes.CustomResourceDefinitions, tree);
        }

        _driver.Create(ResourceTypes.Namespaces, Json("""{"metadata":{"name":"localpv-system"}}"""));
        foreach (var agent in ControlPlane.CreateAgents(new ControlPlaneOptions()))
        {
            _driver.Start(agent.Name, agent.Agent);
        }

        _driver.Start("scheduler", new KubeScheduler(new SchedulerOptions()));
        foreach (var node in NodeNames)
        {
            _driver.Create(ResourceTypes.Nodes, PlainObjects.Node(node));
            var lvm = new FakeLvm(node);
            lvm.AddDisk("/dev/sdb", "ata-" + node, Bytes.FromGibibytes(20));
            _lvms.Add(node, lvm);
        }

        MakeClass();
        Start("localpv-extender", "", _extender);
        Start("localpv-controller", "", new ClusterAgent(new ClusterAgentOptions { Identity = "one" }));
        foreach (var node in NodeNames)
        {
            Start("localpv-agent", node, new NodeAgent(new NodeAgentOptions { Node = NodeName.Parse(node) }));
        }

        Until("every node reports", () => Storages().Count(storage => storage.Phase == "Ready") == NodeNames.Length);
    }

    // Made, grown, kept beyond its claim, removed; a class that is gone for a while.
    private void KeepVolumes()
    {
        Pod("a", "1Gi");
        Pod("b", "1Gi");
        Until("both are bound", () => Bound("a") && Bound("b"));
        LoseLabels();
        Patch(ResourceTypes.PersistentVolumeClaims, "default/a", """{"spec":{"resources":{"requests":{"storage":"2Gi"}}}}""");
        // The rest is a kubelet's, and there is none here.
        Until("its volume has grown, and the claim says so", () => Claim("a")!.Tree.At("status", "conditions") is JsonList { Count: > 0 });
        _driver.Create(ResourceTypes.PersistentVolumeClaims, PlainObjects.Claim("direct", "1Gi", "fast"));
        _driver.Create(ResourceTypes.Pods, PlainObjects.Pod("direct").WithAt(["spec", "nodeName"], "node-1"));
        Until("a Pod that names its node is served", () => Bound("direct"));
        Forget("a");
        Forget("b");
        Forget("direct");
        Until("its volumes are gone", () => _server.Snapshot(ResourceTypes.PersistentVolumes).IsEmpty);

        // The name of the host changes: capacities have to be made anew.
        Patch(ResourceTypes.Nodes, "/node-1", """{"metadata":{"labels":{"kubernetes.io/hostname":"other-1"}}}""");
        _driver.Run(TimeSpan.FromMinutes(2));
        Delete(ResourceTypes.StorageClasses, "/fast");
        Until("the groups are gone", () => !Storages().Any());
        MakeClass();
        Until("every node reports again", () => Storages().Count(storage => storage.Phase == "Ready") == NodeNames.Length);
    }

    // Somebody removes the labels by which agents watch.
    private void LoseLabels()
    {
        KubernetesObject[] labelled =
        [
            .. Storages(), .. _server.Snapshot(ResourceTypes.PersistentVolumes), .. _server.Snapshot(ResourceTypes.CsiStorageCapacities),
        ];
        foreach (var item in labelled)
        {
            Done(_driver.Send(new ClusterRequest.Patch(item.Type, item.Key, Json("""{"metadata":{"labels":{"localpv.io/node":null}}}"""))));
        }

        Until("all have them again", () => labelled.All(
            item => _server.Find(item.Type, item.Key)?.Label(WellKnown.NodeLabel) is { Length: > 0 }));
    }

    // Space taken behind an agent's back; Pods that wait; a node that never comes back.
    private void LoseSpaceAndNode()
    {
        Pod("kept", "1Gi", "node-3");
        Until("it is bound on node-3", () => Bound("kept"));
        var group = VolumeGroupName.Parse("fast");
        _lvms["node-3"].CreateForeignVolume(
            group, LogicalVolumeName.Parse("others"), _lvms["node-3"].Observe().Group(group)!.FreeExtents);
        Pod("moved", "1Gi", "node-3");
        Until("it was given back", () => Claim("moved")!.Annotation(WellKnown.FailedOnAnnotation) is not null);
        TurnAwayAndMakeRoom();
        AskForTooMuch();
        foreach (var agent in _driven.Where(agent => agent.Name == "localpv-agent node-3"))
        {
            agent.Crash();
        }

        // It waits for a node that will be gone.
        Patch(ResourceTypes.PersistentVolumeClaims, "default/moved",
            """{"metadata":{"annotations":{"volume.kubernetes.io/selected-node":"node-3"}}}""");
        Forget("kept");
        _driver.Create(ResourceTypes.CsiStorageCapacities, Json(
            """
            {"metadata":{"name":"left-over","namespace":"localpv-system","labels":{"localpv.io/node":"node-3"}},
             "storageClassName":"fast","capacity":"1Gi"}
            """));
        Delete(ResourceTypes.Nodes, "/node-3");
        _driver.Run(TimeSpan.FromMinutes(20));
    }

    // Wishes that nobody can grant are spoken of again and again, each in an event of its own.
    private void AskForTooMuch()
    {
        Patch(ResourceTypes.PersistentVolumeClaims, "default/kept", """{"spec":{"resources":{"requests":{"storage":"100Gi"}}}}""");
        _driver.Create(ResourceTypes.PersistentVolumeClaims, PlainObjects.Claim("more", "100Gi", "fast"));
        _driver.Create(ResourceTypes.Pods, PlainObjects.Pod("stuck").WithAt(["spec", "volumes"], JsonTree.Parse(
            """
            [{"name":"a","persistentVolumeClaim":{"claimName":"kept"}},{"name":"b","persistentVolumeClaim":{"claimName":"more"}}]
            """)));
        _driver.Run(TimeSpan.FromMinutes(15));
        _driver.Send(new ClusterRequest.Delete(ResourceTypes.Pods, KeyOf("default/stuck")) { GracePeriodSeconds = 0 });
    }

    private void TurnAwayAndMakeRoom()
    {
        var uid = Claim("moved")!.Uid;
        Assert.NotEmpty(uid);
        _extender.Filter(_driver.Now, new FilterRequest(new PodToPlace("default", "moved", "pod-uid", ["moved"]), ["node-3"]));
        var group = VolumeGroupName.Parse("fast");
        _lvms["node-3"].RemoveBehindTheBack(group, LogicalVolumeName.Parse("others"));
        _driver.Run(TimeSpan.FromMinutes(3));
    }

    private void KeepCertificates()
    {
        var store = new CertificateStore(
            new RecordingApi(this, "localpv-controller", new FakeClusterApi(_server, () => _driver.Now)),
            "localpv-system",
            "localpv-extender");
        for (var year = 0; year < 11; year++)
        {
            var kept = store.KeepAsync((Beginning + TimeSpan.FromDays(365 * year)).ToDateTimeOffset(), CancellationToken.None);
            Assert.True(kept.GetAwaiter().GetResult().IsDone);
        }
    }

    private void Start(string account, string node, IAgent agent) => _driven.Add(
        _driver.Start($"{account} {node}".Trim(), new RecordingAgent(this, account, node, agent)));

    private bool CallStorage(DrivenAgent agent, Effect effect)
    {
        if (effect is not Effect.CallStorage call)
        {
            return false;
        }

        var storage = new FakeNodeStorage(_lvms[agent.Name.Split(' ')[1]]);
        var outcome = storage.Run(call.Request) ?? throw new InvalidOperationException("The fake LVM does not hang here.");
        _driver.After(TimeSpan.FromMilliseconds(5), () => agent.Deliver(new AgentEvent.StorageAnswered(call.Call, call.Request, outcome)));
        return true;
    }

    private void MakeClass() => _driver.Create(ResourceTypes.StorageClasses, Json(
        """
        {"metadata":{"name":"fast"},"provisioner":"local-volume-provisioner","volumeBindingMode":"WaitForFirstConsumer",
         "allowVolumeExpansion":true,"reclaimPolicy":"Delete","parameters":{"localpv.io/storage":
           "{\"nodeSelector\":{},\"disks\":{\"match\":[\"/dev/sd*\"]},\"volumeGroup\":{\"name\":\"fast\"}}"}}
        """));

    private void Pod(string name, string size, string? node = null)
    {
        _driver.Create(ResourceTypes.PersistentVolumeClaims, PlainObjects.Claim(name, size, "fast"));
        var pod = PlainObjects.Pod(name);
        var selector = node is null ? JsonMap.Empty : JsonMap.Of(("kubernetes.io/hostname", node));
        _driver.Create(ResourceTypes.Pods, pod.WithAt(["spec", "nodeSelector"], selector));
    }

    private void Forget(string name)
    {
        var key = new ObjectKey("default", name);
        _driver.Send(new ClusterRequest.Delete(ResourceTypes.Pods, key) { GracePeriodSeconds = 0 });
        Delete(ResourceTypes.PersistentVolumeClaims, "default/" + name);
    }

    private void Delete(ResourceType type, string key) => Done(_driver.Send(new ClusterRequest.Delete(type, KeyOf(key))));

    private void Patch(ResourceType type, string key, string patch) =>
        Done(_driver.Send(new ClusterRequest.Patch(type, KeyOf(key), Json(patch))));

    private void Until(string what, Func<bool> isTrue) =>
        Assert.True(_driver.RunUntil(isTrue, TimeSpan.FromMinutes(20)), $"It did not come true: {what}.");

    private bool Bound(string name) => Claim(name)?.Phase == "Bound";

    private PersistentVolumeClaim? Claim(string name) =>
        _server.Find(ResourceTypes.PersistentVolumeClaims, new ObjectKey("default", name)) as PersistentVolumeClaim;

    private IEnumerable<NodeLocalStorage> Storages() =>
        _server.Snapshot(ResourceTypes.NodeLocalStorages).OfType<NodeLocalStorage>();

    private static ObjectKey KeyOf(string key) => new(key.Split('/')[0], key.Split('/')[1]);

    private static JsonMap Json(string text) => (JsonMap)JsonTree.Parse(text);

    private static void Done<T>(Core.Outcomes.Outcome<T> outcome) => Assert.True(outcome.IsDone, outcome.Message);

    private void Note(string account, AccessRequest request)
    {
        if (!Requests.TryGetValue(account, out var asked))
        {
            Requests.Add(account, asked = []);
        }

        asked.Add(request);
    }

    private sealed class RecordingAgent(RecordedLife life, string account, string node, IAgent inner) : IAgent
    {
        private readonly Dictionary<long, JsonMap?> _before = [];

        public ImmutableArray<Effect> Step(Instant now, AgentEvent happened)
        {
            if (happened is AgentEvent.ClusterAnswered { Request.IsWrite: true } answered
                && _before.Remove(answered.Call, out var before) && answered.Outcome.TryGetValue(out var answer))
            {
                var operation = answered.Request switch
                {
                    ClusterRequest.Create => "CREATE",
                    ClusterRequest.Delete => "DELETE",
                    _ => "UPDATE",
                };
                var after = operation == "DELETE" ? null : answer.Object?.Tree;
                life.Writes.Add(new Write(account, node, operation, AccessRequest.Of(answered.Request), before, after));
            }

            var effects = inner.Step(now, happened);
            foreach (var effect in effects)
            {
                if (effect is Effect.OpenWatch open)
                {
                    life.Note(account, AccessRequest.Of(open.Request));
                }
                else if (effect is Effect.CallCluster call)
                {
                    var request = AccessRequest.Of(call.Request);
                    life.Note(account, request);
                    _before[call.Call] = request.Name.Length == 0
                        ? null
                        : life._server.Find(call.Request.Resource, new ObjectKey(request.Namespace, request.Name))?.Tree;
                }
            }

            return effects;
        }
    }

    private sealed class RecordingApi(RecordedLife life, string account, IClusterApi inner) : IClusterApi
    {
        public ValueTask<Core.Outcomes.Outcome<ClusterAnswer>> SendAsync(ClusterRequest request, CancellationToken cancellationToken)
        {
            life.Note(account, AccessRequest.Of(request));
            return inner.SendAsync(request, cancellationToken);
        }

        public IDisposable Watch(WatchRequest request, Action<WatchSignal> deliver) => inner.Watch(request, deliver);
    }
}
