using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Core.Tests.World;

/// <summary>An API server and some cluster agents in one thread and virtual time.</summary>
internal sealed class ClusterWorld
{
    private readonly List<Process> _processes = [];

    internal ClusterWorld(int agents = 1)
    {
        Server = new FakeApiServer(new FakeApiServerOptions { StartedAt = Now });
        TestObjects.Install(Server, Now);
        foreach (var node in (string[])["node-a", "node-b"])
        {
            Seed(ResourceTypes.Nodes, JsonMap.Of(
                ("metadata", JsonMap.Of(("name", node), ("labels", JsonMap.Of((WellKnown.HostNameLabel, node)))))));
        }

        for (var i = 0; i < agents; i++)
        {
            _processes.Add(new Process(this, $"controller-{i}", (ulong)i));
        }
    }

    internal Instant Now { get; private set; } = Instant.Epoch + TimeSpan.FromDays(365 * 50);

    internal FakeApiServer Server { get; }

    /// <summary>Every request about a Lease that reached the API server.</summary>
    internal List<ClusterRequest> LeaseRequests { get; } = [];

    internal int Leaders => _processes.Count(process => process.Agent.IsLeader);

    internal KubernetesObject Seed(ResourceType type, JsonMap body) => Server.Seed(Now, type, body);

    internal KubernetesObject? Find(ResourceType type, string name) => Server.Find(type, ObjectKey.ClusterScoped(name));

    internal PersistentVolumeClaim Claim(string name) =>
        (PersistentVolumeClaim)Server.Find(ResourceTypes.PersistentVolumeClaims, new ObjectKey("default", name))!;

    internal void AddClass(string parameters) => Seed(ResourceTypes.StorageClasses, TestObjects.Class("fast", parameters));

    internal PersistentVolumeClaim AddClaim(string name, string? node) =>
        (PersistentVolumeClaim)Seed(ResourceTypes.PersistentVolumeClaims, TestObjects.Claim(name, "1Gi", node, "fast"));

    internal void AddPod(string name, params string[] claims) => AddPodOn(null, name, claims);

    internal void AddPodOn(string? node, string name, params string[] claims) => Seed(ResourceTypes.Pods, JsonMap.Of(
        ("metadata", JsonMap.Of(("name", name), ("namespace", "default"))),
        ("spec", JsonMap.Of(
            ("nodeName", node),
            ("containers", JsonList.Of(JsonMap.Of(("name", "main"), ("image", "main")))),
            ("volumes", new JsonList([.. claims.Select(claim => (JsonTree)JsonMap.Of(
                ("name", claim), ("persistentVolumeClaim", JsonMap.Of(("claimName", claim)))))]))))));

    internal void AddStorage(string storageClass, string node, string volume)
    {
        var made = Seed(ResourceTypes.NodeLocalStorages, JsonMap.Of(
            ("metadata", JsonMap.Of(
                ("name", $"{storageClass}.{node}"),
                ("labels", JsonMap.Of((WellKnown.NodeLabel, node))),
                ("finalizers", JsonList.Of(WellKnown.VolumeGroupFinalizer)))),
            ("spec", JsonMap.Of(("storageClassName", storageClass), ("nodeName", node)))));
        var volumes = volume.Length == 0
            ? JsonList.Empty
            : JsonList.Of(JsonMap.Of(("claimUid", volume), ("name", "pvc-" + volume), ("size", "1Gi")));
        Patch(made, JsonMap.Of(("status", JsonMap.Of(("phase", "Ready"), ("free", "0"), ("volumes", volumes)))), "status");
    }

    /// <summary>What a node says of the room that it has.</summary>
    internal void Report(string storageClass, string node, string free, string phase = "Ready")
    {
        var there = Find(ResourceTypes.NodeLocalStorages, $"{storageClass}.{node}") ?? Seed(ResourceTypes.NodeLocalStorages, JsonMap.Of(
            ("metadata", JsonMap.Of(("name", $"{storageClass}.{node}"), ("labels", JsonMap.Of((WellKnown.NodeLabel, node))))),
            ("spec", JsonMap.Of(
                ("storageClassName", storageClass), ("nodeName", node), ("volumeGroup", JsonMap.Of(("name", storageClass)))))));
        Patch(there, JsonMap.Of(("status", JsonMap.Of(
            ("phase", phase),
            ("free", free),
            ("volumeGroup", JsonMap.Of(("name", storageClass), ("uuid", "u"), ("extentSize", "4Mi")))))), "status");
    }

    internal PersistentVolume AddVolume(PersistentVolumeClaim? claim, string node, string policy)
    {
        var uid = claim?.Uid ?? "00000000-0000-0000-0000-00000000000a";
        var made = Seed(ResourceTypes.PersistentVolumes, JsonMap.Of(
            ("metadata", JsonMap.Of(
                ("name", "pvc-" + uid),
                ("labels", JsonMap.Of((WellKnown.NodeLabel, node))),
                ("annotations", JsonMap.Of((WellKnown.ProvisionedByAnnotation, WellKnown.DefaultProvisioner))),
                ("finalizers", JsonList.Of(WellKnown.LogicalVolumeFinalizer)))),
            ("spec", JsonMap.Of(
                ("capacity", JsonMap.Of(("storage", "1Gi"))),
                ("accessModes", JsonList.Of("ReadWriteOnce")),
                ("persistentVolumeReclaimPolicy", policy),
                ("storageClassName", "fast"),
                ("claimRef", JsonMap.Of(
                    ("kind", "PersistentVolumeClaim"), ("namespace", "default"), ("name", claim?.Name ?? "was"), ("uid", uid))),
                ("local", JsonMap.Of(("path", $"/dev/localpv-fast/pvc-{uid}"))),
                ("nodeAffinity", JsonMap.Of(("required", JsonMap.Of(("nodeSelectorTerms", JsonList.Of(JsonMap.Of(
                    ("matchExpressions", JsonList.Of(JsonMap.Of(
                        ("key", WellKnown.HostNameLabel), ("operator", "In"), ("values", JsonList.Of(node))))))))))))))));
        Patch(made, JsonMap.Of(("status", JsonMap.Of(("phase", claim is null ? "Released" : "Bound")))), "status");
        return (PersistentVolume)Find(ResourceTypes.PersistentVolumes, made.Name)!;
    }

    internal void Patch(KubernetesObject target, JsonMap change, string subresource = "")
    {
        var outcome = Server.Send(Now, new ClusterRequest.Patch(target.Type, target.Key, change, subresource));
        Assert.True(outcome.IsDone, outcome.ToString());
    }

    internal void Delete(KubernetesObject target) =>
        Assert.True(Server.Send(Now, new ClusterRequest.Delete(target.Type, target.Key)).IsDone);

    internal void KillLeader()
    {
        var leader = _processes.Single(process => process.Agent.IsLeader);
        _processes.Remove(leader);
        leader.Dispose();
    }

    internal void CutOffLeader() => _processes.Single(process => process.Agent.IsLeader).IsCutOff = true;

    /// <summary>From now on the watches tell nothing, as those of an API server that has stopped; requests are answered.</summary>
    internal void Deafen() => _processes.ForEach(process => process.IsDeaf = true);

    internal void Reconnect() => _processes.ForEach(process => process.IsCutOff = false);

    /// <summary>Lets that much time pass, and all that happens in it.</summary>
    internal void Settle(TimeSpan duration)
    {
        var end = Now + duration;
        for (var steps = 0; ; steps++)
        {
            Assert.True(steps < 100_000, "The agents do not come to rest.");
            if (_processes.Aggregate(false, (any, process) => process.Turn() || any))
            {
                continue;
            }

            var next = _processes.Aggregate(Instant.Never, (first, process) => Instant.Min(first, process.Due));
            if (next > end)
            {
                Now = end;
                _processes.ForEach(process => process.Look());
                return;
            }

            Now = Instant.Max(Now, next);
        }
    }

    private sealed class Process : IDisposable
    {
        private readonly ClusterWorld _world;
        private readonly Queue<AgentEvent> _inbox = new();
        private readonly FakeClusterApi _api;
        private readonly EffectRunner _runner;
        private Instant _alarm = Instant.Never;

        internal Process(ClusterWorld world, string identity, ulong spread)
        {
            _world = world;
            _api = new FakeClusterApi(world.Server, () => world.Now)
            {
                Fate = FateOf,
            };
            _runner = new EffectRunner(_api, null);
            Agent = new ClusterAgent(new ClusterAgentOptions { Identity = identity, Spread = spread });
            _inbox.Enqueue(new AgentEvent.Started());
        }

        internal ClusterAgent Agent { get; }

        internal bool IsCutOff { get; set; }

        internal bool IsDeaf { get; set; }

        internal Instant Due => IsDeaf ? _alarm : Instant.Min(_alarm, _api.DueAt);

        public void Dispose() => _runner.Dispose();

        internal bool Turn()
        {
            if (_inbox.Count == 0 && _alarm <= _world.Now)
            {
                _alarm = Instant.Never;
                _inbox.Enqueue(new AgentEvent.Woke());
            }

            if (!_inbox.TryDequeue(out var happened))
            {
                return !IsDeaf && _api.Pump() > 0;
            }

            foreach (var effect in Agent.Step(_world.Now, happened))
            {
                if (effect is Effect.WakeAt wake)
                {
                    _alarm = wake.Moment;
                }
                else
                {
                    Assert.True(_runner.RunAsync(effect, _inbox.Enqueue, CancellationToken.None).AsTask().IsCompletedSuccessfully);
                }
            }

            return true;
        }

        private RequestFate FateOf(ClusterRequest request)
        {
            if (IsCutOff)
            {
                return RequestFate.Refused;
            }

            if (request.Resource == ResourceTypes.Leases)
            {
                _world.LeaseRequests.Add(request);
            }

            return RequestFate.Answered;
        }

        // The agent is asked what it is at this moment, not at its last step.
        internal void Look() => _inbox.Enqueue(new AgentEvent.Woke());
    }
}
