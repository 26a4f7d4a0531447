using System.Collections.Immutable;
using System.Globalization;
using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Placement;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;

namespace LocalPv.Core.Tests.Agents;

/// <summary>An extender and the API objects it hears of, each change delivered at once.</summary>
internal sealed class ExtenderWorld
{
    private readonly SortedDictionary<(string Kind, ObjectKey Key), KubernetesObject> _objects = [];
    private readonly Dictionary<string, long> _watches = [];
    private long _version = 100;

    public ExtenderWorld(ExtenderOptions? options = null) => Agent = new ExtenderAgent(options ?? new ExtenderOptions());

    public ExtenderAgent Agent { get; }

    /// <summary>The writes by which it wakes waiting Pods, in their order; nobody answers them but <see cref="Answer"/>.</summary>
    public List<Effect.CallCluster> Touches { get; } = [];

    public Instant Now { get; set; } = Instant.Epoch + TimeSpan.FromDays(20000);

    public static JsonMap StorageClass(
        string name, string provisioner = "local-volume-provisioner", string mode = "WaitForFirstConsumer") => JsonMap.Of(
        ("metadata", JsonMap.Of(("name", name), ("uid", "sc-" + name))), ("provisioner", provisioner), ("volumeBindingMode", mode));

    public JsonMap Storage(
        string storageClass,
        string node,
        string free,
        string capacity = "100Gi",
        string phase = "Ready",
        string group = "vg",
        long scan = 1,
        string reserve = "0",
        string layout = """{"type":"linear"}""",
        params string[] volumes) => JsonMap.Of(
        ("metadata", JsonMap.Of(("name", storageClass + "." + node), ("uid", $"nls-{storageClass}-{node}"))),
        ("spec", JsonMap.Of(
            ("storageClassName", storageClass),
            ("nodeName", node),
            ("layout", JsonTree.Parse(layout)),
            ("reserve", reserve))),
        ("status", JsonMap.Of(
            ("phase", phase),
            ("scanSequence", scan),
            ("lastScanTime", Now.ToRfc3339()),
            ("volumeGroup", phase is "Ready" or "Degraded"
                ? JsonMap.Of(("name", group), ("uuid", "u-" + group), ("extentSize", "4Mi"))
                : null),
            ("capacity", capacity),
            ("free", free),
            ("volumes", new JsonList([.. volumes.Select(uid => (JsonTree)JsonMap.Of(
                ("claimUid", uid), ("name", "pvc-" + uid), ("size", "1Gi")))])))));

    public static JsonMap Claim(
        string name,
        string size,
        string? storageClass = "fast",
        string? node = null,
        string? volume = null,
        string? failedOn = null) => JsonMap.Of(
        ("metadata", JsonMap.Of(
            ("name", name),
            ("namespace", "default"),
            ("uid", "uid-" + name),
            ("annotations", JsonMap.Of(
                (WellKnown.SelectedNodeAnnotation, node is null ? null : (JsonTree)node),
                (WellKnown.FailedOnAnnotation, failedOn is null ? null : (JsonTree)failedOn))))),
        ("spec", JsonMap.Of(
            ("storageClassName", storageClass is null ? null : (JsonTree)storageClass),
            ("volumeName", volume is null ? null : (JsonTree)volume),
            ("resources", JsonMap.Of(("requests", JsonMap.Of(("storage", size))))))));

    public static PodToPlace Pod(string name, params string[] claims) => new("default", name, "pod-" + name, [.. claims]);

    /// <summary>Sets objects: before <see cref="Start"/> they are in the first list, after it they come by watch.</summary>
    public ExtenderWorld Put(ResourceType type, params JsonMap[] trees)
    {
        foreach (var tree in trees)
        {
            var version = (++_version).ToString(CultureInfo.InvariantCulture);
            var written = KubernetesObject.Read(type, tree.WithAt(["metadata", "resourceVersion"], version));
            var known = _objects.ContainsKey((type.Kind, written.Key));
            _objects[(type.Kind, written.Key)] = written;
            Signal(type, known ? new WatchSignal.Modified(written) : new WatchSignal.Added(written));
        }

        return this;
    }

    public ExtenderWorld Put(params JsonMap[] trees)
    {
        foreach (var tree in trees)
        {
            Put(
                tree.Contains("provisioner") ? ResourceTypes.StorageClasses
                : tree.At("spec", "nodeName") is not null ? ResourceTypes.NodeLocalStorages
                : ResourceTypes.PersistentVolumeClaims,
                tree);
        }

        return this;
    }

    public void Remove(ResourceType type, ObjectKey key)
    {
        _objects.Remove((type.Kind, key), out var gone);
        var version = (++_version).ToString(CultureInfo.InvariantCulture);
        Signal(type, new WatchSignal.Deleted(KubernetesObject.Read(type, gone!.Tree.WithAt(["metadata", "resourceVersion"], version))));
    }

    /// <summary>Starts the agent and answers its lists, but for those of some kinds.</summary>
    public ExtenderWorld Start(params string[] exceptKinds)
    {
        Run(new AgentEvent.Started(), exceptKinds);
        return this;
    }

    public void Wake() => Run(new AgentEvent.Woke());

    public void Answer(Effect.CallCluster call, Outcome<ClusterAnswer> outcome) =>
        Run(new AgentEvent.ClusterAnswered(call.Call, call.Request, outcome));

    public FilterDecision Filter(PodToPlace pod, params string[] nodes) => Agent.Filter(Now, new FilterRequest(pod, [.. nodes]));

    public string[] Passed(PodToPlace pod, params string[] nodes)
    {
        var decision = Filter(pod, nodes);
        Assert.Equal("", decision.Error);
        Assert.Equal(nodes.Length, decision.Passed.Length + decision.Rejected.Length);
        return [.. decision.Passed];
    }

    public int[] Scores(PodToPlace pod, params string[] nodes) =>
        [.. Agent.Prioritize(Now, new FilterRequest(pod, [.. nodes])).Scores.Select(score => score.Score)];

    private void Signal(ResourceType type, WatchSignal signal)
    {
        if (_watches.TryGetValue(type.Kind, out var watch))
        {
            Run(new AgentEvent.WatchDelivered(watch, signal));
        }
    }

    private void Run(AgentEvent happened, params string[] exceptKinds)
    {
        foreach (var effect in Agent.Step(Now, happened))
        {
            switch (effect)
            {
                case Effect.CallCluster { Request: ClusterRequest.List list } call when !exceptKinds.Contains(list.Type.Kind):
                    ImmutableArray<KubernetesObject> items =
                        [.. _objects.Where(entry => entry.Key.Kind == list.Type.Kind).Select(entry => entry.Value)];
                    Run(new AgentEvent.ClusterAnswered(call.Call, list, Outcome.Done(new ClusterAnswer(null, items, "100", ""))));
                    break;
                case Effect.CallCluster { Request: ClusterRequest.Patch } call:
                    Touches.Add(call);
                    break;
                case Effect.OpenWatch open:
                    _watches[open.Request.Type.Kind] = open.Watch;
                    break;
                default:
                    break;
            }
        }
    }
}
