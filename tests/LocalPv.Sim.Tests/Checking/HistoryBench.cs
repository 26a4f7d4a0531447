using System.Collections.Immutable;
using LocalPv.Core.Agents;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;
using LocalPv.Fake.Api.Store;
using LocalPv.Fake.Lvm;
using LocalPv.Fake.Scheduling;
using LocalPv.Sim.Checking;
using LocalPv.Sim.World;

namespace LocalPv.Sim.Tests.Checking;

/// <summary>Writes histories by hand, good and bad: every step says who does what, and the invariants look on.</summary>
internal sealed class HistoryBench
{
    internal const string Agent = "agent/node-1";

    private static readonly LvmTag Ours = LvmTag.Parse(WellKnown.OurTag);
    private readonly SortedDictionary<string, FakeNodeStorage> _storage = new(StringComparer.Ordinal);
    private long _calls;

    internal HistoryBench(params Func<ExtenderView, Rule>[] invariants)
    {
        Now = SimulatedCluster.SwitchedOn;
        Server = new FakeApiServer(new FakeApiServerOptions
        {
            Seed = 1,
            StartedAt = Now,
            Namespaces = ["default", "localpv-system"],
        });
        Server.Seed(Now, ResourceTypes.CustomResourceDefinitions, NodeLocalStorageDefinition.Tree());
        foreach (var name in (string[])["node-1", "node-2"])
        {
            var lvm = new FakeLvm(name);
            lvm.AddDisk("/dev/sdb", "disk-" + name, Bytes.FromGibibytes(10));
            _storage.Add(name, new FakeNodeStorage(lvm));
            Server.Seed(Now, ResourceTypes.Nodes, Node(name));
        }

        View = new ExtenderView();
        Suite = new RuleSuite(Server, _storage, () => Now, [.. invariants.Select(make => make(View))], View);
        foreach (var process in (string[])[Agent, "agent/node-2", "extender", "controller", "scheduler"])
        {
            Suite.Started(process, 1);
        }

        Server.Seed(Now, ResourceTypes.StorageClasses, JsonMap.Of(
            ("metadata", JsonMap.Of(("name", "fast"))),
            ("provisioner", WellKnown.DefaultProvisioner),
            ("volumeBindingMode", "WaitForFirstConsumer")));
        foreach (var node in _storage.Keys)
        {
            MakeStorage(node);
        }
    }

    internal FakeApiServer Server { get; }

    internal Instant Now { get; private set; }

    internal ExtenderView View { get; }

    internal RuleSuite Suite { get; }

    internal FakeLvm Lvm(string node) => _storage[node].Lvm;

    internal FakeNodeStorage Storage(string node) => _storage[node];

    internal void Pass(TimeSpan time)
    {
        Now += time;
        Suite.Tick(Now);
    }

    /// <summary>The faults end, and time passes.</summary>
    internal void HealAndPass(TimeSpan time)
    {
        Suite.LookAtAllNodes();
        Suite.Healed(Now);
        Pass(time);
    }

    /// <summary>A process sends a request, which is done at once.</summary>
    internal KubernetesObject? Api(string actor, ClusterRequest request)
    {
        var effect = new Effect.CallCluster(++_calls, request, TimeSpan.FromSeconds(15));
        Suite.Asked(actor, 1, effect);
        Suite.Taking(actor, 1, effect);
        var outcome = Server.Send(Now, request);
        var answer = new AgentEvent.ClusterAnswered(effect.Call, request, outcome);
        Suite.Took(actor, 1, effect, answer);
        Suite.Happening(actor, 1, answer);
        Assert.True(outcome.IsDone, outcome.ToString());
        return outcome.Value.Object;
    }

    /// <summary>An agent sends a request to its storage, which does <paramref name="instead"/> or what is asked.</summary>
    internal Outcome<NodeStorageAnswer>? Change(string agent, NodeStorageRequest request, Action? instead = null)
    {
        var effect = new Effect.CallStorage(++_calls, request, TimeSpan.FromSeconds(60));
        Suite.Asked(agent, 1, effect);
        Suite.Taking(agent, 1, effect);
        Outcome<NodeStorageAnswer>? outcome = null;
        if (instead is null)
        {
            outcome = _storage[agent["agent/".Length..]].Run(request);
        }
        else
        {
            instead();
        }

        var answer = outcome is { } told ? new AgentEvent.StorageAnswered(effect.Call, request, told) : null;
        Suite.Took(agent, 1, effect, answer);
        if (answer is not null)
        {
            Suite.Happening(agent, 1, answer);
        }

        return outcome;
    }

    /// <summary>The extender hears of an object.</summary>
    internal void Hear(KubernetesObject? heard) =>
        Suite.Happening("extender", 1, new AgentEvent.WatchDelivered(1, new WatchSignal.Added(heard!)));

    /// <summary>The scheduler asks the extender about both nodes, and this is the answer.</summary>
    internal void Filter(Pod pod, string[] admitted, params (string Node, string Reason)[] rejected) =>
        Filter(pod, ["node-1", "node-2"], admitted, rejected);

    /// <summary>The scheduler asks the extender about some nodes, and this is the answer.</summary>
    internal void Filter(Pod pod, string[] asked, string[] admitted, params (string Node, string Reason)[] rejected)
    {
        var call = new CallExtender(
            ++_calls, new ExtenderSettings(), ExtenderVerb.Filter, new ExtenderArguments(pod, [.. asked], null));
        Suite.Taking("scheduler", 1, call);
        Suite.Took("scheduler", 1, call, new ExtenderAnswered(call.Call, Outcome.Done<ExtenderAnswer>(new ExtenderAnswer.Filtered(
            [.. admitted],
            null,
            ImmutableSortedDictionary<string, string>.Empty,
            rejected.ToImmutableSortedDictionary(entry => entry.Node, entry => entry.Reason, StringComparer.Ordinal),
            ""))));
    }

    /// <summary>Two claims of that size ask one after the other, and both are sent to the first node.</summary>
    internal void SendTwo(string size)
    {
        Hear(Server.Snapshot(ResourceTypes.StorageClasses)[0]);
        foreach (var name in (string[])["a", "b"])
        {
            var claim = Claim(name, size);
            Hear(claim);
            Filter(PodOf(name), ["node-1"], ("node-2", "no"));
            Hear(Select(claim, "node-1"));
        }
    }

    internal PersistentVolumeClaim Claim(string name, string size = "1Gi") => (PersistentVolumeClaim)Api("", new ClusterRequest.Create(
        ResourceTypes.PersistentVolumeClaims, "default", JsonMap.Of(
            ("metadata", JsonMap.Of(("name", name))),
            ("spec", JsonMap.Of(
                ("accessModes", JsonList.Of("ReadWriteOnce")),
                ("storageClassName", "fast"),
                ("resources", JsonMap.Of(("requests", JsonMap.Of(("storage", size))))))))))!;

    internal Pod PodOf(params string[] claims) => (Pod)Api("", new ClusterRequest.Create(ResourceTypes.Pods, "default", JsonMap.Of(
        ("metadata", JsonMap.Of(("name", "pod-" + (++_calls)))),
        ("spec", JsonMap.Of(
            ("containers", JsonList.Of(JsonMap.Of(("name", "main"), ("image", "registry.example/main:1")))),
            ("volumes", new JsonList([.. claims.Select(claim => (JsonTree)JsonMap.Of(
                ("name", claim), ("persistentVolumeClaim", JsonMap.Of(("claimName", claim)))))])))))))!;

    /// <summary>Sends a claim to a node, or takes it back from there (null).</summary>
    internal PersistentVolumeClaim Select(PersistentVolumeClaim claim, string? node, string actor = "scheduler") =>
        (PersistentVolumeClaim)Api(actor, new ClusterRequest.Patch(claim.Type, claim.Key, JsonMap.Of(("metadata", JsonMap.Of(
            ("resourceVersion", Current(claim).ResourceVersion),
            ("annotations", JsonMap.Of((WellKnown.SelectedNodeAnnotation, node is null ? JsonNull.Instance : node))))))))!;

    internal KubernetesObject Current(KubernetesObject of) => Server.Find(of.Type, of.Key)!;

    internal static NodeStorageRequest.CreateLogicalVolume Making(string uid, long extents = 256, string? name = null) => new(
        VolumeGroupName.Parse("fast"),
        LogicalVolumeName.Parse(name ?? "pvc-" + uid),
        new ExtentCount(extents),
        Layout.Linear,
        [Ours, LvmTag.Parse(WellKnown.ClaimTagPrefix + uid), LvmTag.Parse(WellKnown.FileSystemTag)]);

    internal static NodeStorageRequest.RemoveLogicalVolume Removing(string uid, string? name = null) => new(
        VolumeGroupName.Parse("fast"),
        LogicalVolumeName.Parse(name ?? "pvc-" + uid),
        ClaimUid.Parse(uid),
        LocalPv.Core.Disks.WipePolicy.Zero);

    internal NodeStorageRequest.CreateVolumeGroup MakingGroup(string node) => new(
        VolumeGroupName.Parse("fast"),
        ExtentSize.Default,
        [new DiskToUse(DevicePath.Parse("/dev/sdb"), DiskId.Parse("disk-" + node), Bytes.FromGibibytes(10), false)],
        [Ours]);

    /// <summary>Builds the volume groups, as the agents do first of all.</summary>
    internal HistoryBench WithGroups()
    {
        Change(Agent, MakingGroup("node-1"));
        Change("agent/node-2", MakingGroup("node-2"));
        return this;
    }

    internal PersistentVolume Volume(
        PersistentVolumeClaim claim,
        string node = "node-1",
        string policy = "Delete",
        string capacity = "1Gi",
        bool finalizer = true,
        string? name = null,
        string actor = Agent) => (PersistentVolume)Api(actor, new ClusterRequest.Create(ResourceTypes.PersistentVolumes, "", JsonMap.Of(
            ("metadata", JsonMap.Of(
                ("name", name ?? "pvc-" + claim.Uid),
                ("annotations", JsonMap.Of((WellKnown.ProvisionedByAnnotation, WellKnown.DefaultProvisioner))),
                ("finalizers", finalizer ? JsonList.Of(WellKnown.LogicalVolumeFinalizer) : null))),
            ("spec", JsonMap.Of(
                ("capacity", JsonMap.Of(("storage", capacity))),
                ("accessModes", JsonList.Of("ReadWriteOnce")),
                ("persistentVolumeReclaimPolicy", policy),
                ("storageClassName", "fast"),
                ("claimRef", JsonMap.Of(
                    ("apiVersion", "v1"),
                    ("kind", "PersistentVolumeClaim"),
                    ("namespace", "default"),
                    ("name", claim.Name),
                    ("uid", claim.Uid))),
                ("local", JsonMap.Of(("path", $"/dev/fast/pvc-{claim.Uid}"))),
                ("nodeAffinity", JsonMap.Of(("required", JsonMap.Of(("nodeSelectorTerms", JsonList.Of(JsonMap.Of(
                    ("matchExpressions", JsonList.Of(JsonMap.Of(
                        ("key", WellKnown.HostNameLabel), ("operator", "In"), ("values", JsonList.Of(node)))))))))))))))))!;

    internal KubernetesObject Status(KubernetesObject of, string actor, JsonMap status) => Api(actor, new ClusterRequest.Patch(
        of.Type,
        of.Key,
        JsonMap.Of(("metadata", JsonMap.Of(("resourceVersion", Current(of).ResourceVersion))), ("status", status)),
        "status"))!;

    /// <summary>The object goes, finalizers and all, by somebody's hand.</summary>
    internal void Erase(KubernetesObject what)
    {
        var current = Current(what);
        if (current.Finalizers.Any())
        {
            Api("", new ClusterRequest.Patch(
                current.Type, current.Key, JsonMap.Empty.WithAt(["metadata", "finalizers"], JsonNull.Instance)));
        }

        Api("", new ClusterRequest.Delete(current.Type, current.Key) { GracePeriodSeconds = 0 });
    }

    internal NodeLocalStorage StorageObject(string node) =>
        (NodeLocalStorage)Server.Find(ResourceTypes.NodeLocalStorages, ObjectKey.ClusterScoped("fast." + node))!;

    /// <summary>A node's agent reports what its group holds, or what it says here.</summary>
    internal NodeLocalStorage Report(string node, long sequence, string? free = null, string actor = "", string phase = "Ready")
    {
        var group = Lvm(node).AllGroups()[0];
        var truth = group.ExtentSize.SizeOf(group.FreeExtents);
        return (NodeLocalStorage)Status(StorageObject(node), actor.Length > 0 ? actor : "agent/" + node, JsonMap.Of(
            ("phase", phase),
            ("scanSequence", sequence),
            ("observedGeneration", 1),
            ("lastScanTime", Now.ToRfc3339()),
            ("volumeGroup", JsonMap.Of(("name", "fast"), ("uuid", group.Uuid), ("extentSize", "4Mi"))),
            ("capacity", Quantity.Format(group.ExtentSize.SizeOf(group.Extents))),
            ("free", free ?? Quantity.Format(truth)),
            ("volumes", new JsonList([.. group.LogicalVolumes.Select(volume => (JsonTree)JsonMap.Of(
                ("claimUid", volume.Claim!.Value.Value), ("name", volume.Name.Value), ("size", Quantity.Format(volume.Size))))]))));
    }

    private void MakeStorage(string node) => Api("agent/" + node, new ClusterRequest.Create(
        ResourceTypes.NodeLocalStorages, "", JsonMap.Of(
            ("metadata", JsonMap.Of(("name", "fast." + node), ("finalizers", JsonList.Of(WellKnown.VolumeGroupFinalizer)))),
            ("spec", JsonMap.Of(
                ("storageClassName", "fast"),
                ("nodeName", node),
                ("disks", JsonMap.Of(("paths", JsonList.Of("/dev/sdb")))),
                ("volumeGroup", JsonMap.Of(("name", "fast"), ("extentSize", "4Mi"))),
                ("wipe", "zero"))))));

    private static JsonMap Node(string name) => JsonMap.Of(
        ("metadata", JsonMap.Of(("name", name), ("labels", JsonMap.Of((WellKnown.HostNameLabel, name))))),
        ("status", JsonMap.Of(("conditions", JsonList.Of(JsonMap.Of(("type", "Ready"), ("status", "True")))))));
}
