using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Controllers.Machinery;

namespace LocalPv.Fake.Controllers.Nodes;

/// <summary>
/// The model of <c>pkg/controller/nodelifecycle</c>: a node whose kubelet neither renews its Lease nor reports for a while is no longer
/// known to be ready; it gets taints that keep new Pods away and, by <see cref="TaintEvictionController"/>, drive old ones out. Nothing is
/// ever destroyed because of a missing heartbeat but Pods.
/// </summary>
/// <remarks>Upstream also slows evictions down where a large part of a zone is lost.</remarks>
public sealed class NodeLifecycleController : ControllerAgent
{
    private const string NotReady = "node.kubernetes.io/not-ready";
    private const string Unreachable = "node.kubernetes.io/unreachable";

    private readonly Reflector _nodes;
    private readonly Reflector _leases;
    private readonly Reflector _pods;
    private readonly SortedDictionary<string, Instant> _heard = new(StringComparer.Ordinal);
    private readonly Worker<string> _worker;
    private readonly TimeSpan _grace;

    /// <summary>
    /// A controller that has heard of no node yet. <paramref name="grace"/> is how long a node may be silent, several times the period in
    /// which kubelets renew their Leases; it looks ten times in that time.
    /// </summary>
    public NodeLifecycleController(ControllerOptions options, TimeSpan grace)
        : base("node-controller", options)
    {
        _grace = grace;
        _nodes = Watch(ResourceTypes.Nodes);
        _leases = Watch(ResourceTypes.Leases, new ObjectSelector("kube-node-lease"));
        _pods = Watch(ResourceTypes.Pods);
        _worker = Work<string>(Sync, parallel: 8, retry: new Backoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(10)));
        Every(grace / 10);
    }

    /// <inheritdoc/>
    private protected override void OnChange(Reflector reflector, ObjectChange change)
    {
        if (reflector == _pods)
        {
            return;
        }

        var name = change.Object.Name;
        if (change.After is null)
        {
            if (reflector == _nodes)
            {
                _heard.Remove(name);
            }

            return;
        }

        if (reflector == _leases)
        {
            _heard[name] = Now;
            return;
        }

        if (change.Before is not Node before || HeartbeatOf(before) != HeartbeatOf((Node)change.After))
        {
            _heard[name] = Now;
        }

        _worker.Add(name);
    }

    /// <inheritdoc/>
    private protected override void OnPeriod()
    {
        foreach (var (name, heard) in _heard)
        {
            if (Now - heard > _grace)
            {
                _worker.Add(name);
            }
        }
    }

    private IEnumerable<Awaited> Sync(string name)
    {
        if (_nodes.Find(ObjectKey.ClusterScoped(name)) is not Node node)
        {
            yield break;
        }

        var ready = NodeConditions.StatusOf(node, "Ready");
        if (_heard.TryGetValue(name, out var heard) && Now - heard > _grace && ready is not ("Unknown" or null))
        {
            var status = JsonMap.Of(("conditions", NodeConditions.Unknown(node, Now)));
            var lost = new ClusterCall(new ClusterRequest.Patch(
                ResourceTypes.Nodes, node.Key, JsonMap.Of(("status", status)), "status"));
            yield return lost;
            if (lost.Failed)
            {
                yield return TryAgain.Later;
                yield break;
            }

            Events.Normal(node, "NodeNotReady", $"Node {name} status is now: NodeNotReady");
            foreach (var step in MarkPodsNotReady(name))
            {
                yield return step;
            }

            node = (Node)lost.Object!;
            ready = "Unknown";
        }

        if (Taints(node, ready) is { } taints)
        {
            var write = new ClusterCall(new ClusterRequest.Patch(ResourceTypes.Nodes, node.Key, JsonMap.Of(
                ("metadata", JsonMap.Of(("resourceVersion", node.ResourceVersion))),
                ("spec", JsonMap.Of(("taints", taints.Count == 0 ? JsonNull.Instance : taints))))));
            yield return write;
            if (write.Failed && !write.NotFound)
            {
                yield return TryAgain.Later;
            }
        }
    }

    private IEnumerable<Awaited> MarkPodsNotReady(string node)
    {
        foreach (var pod in _pods.Objects.Values.OfType<Pod>().Where(pod => pod.NodeName == node && pod.Has("Ready")).ToList())
        {
            var conditions = (pod.Tree.At("status", "conditions") as JsonList)?.Maps()
                .Select(one => (JsonTree)(one.Text("type") == "Ready"
                    ? one.With("status", "False").With("lastTransitionTime", Now.ToRfc3339()) : one));
            yield return new ClusterCall(new ClusterRequest.Patch(
                ResourceTypes.Pods, pod.Key, JsonMap.Of(("status", JsonMap.Of(("conditions", new JsonList([.. conditions!]))))), "status"));
            Events.Warning(pod, "NodeNotReady", "Node is not ready");
        }
    }

    // The taints the node should have, or null where it has them. A node that has never reported is left to its kubelet.
    private JsonList? Taints(Node node, string? ready)
    {
        var key = ready switch { "False" => NotReady, "Unknown" => Unreachable, _ => "" };
        var now = (node.Tree.At("spec", "taints") as JsonList)?.Maps().ToList() ?? [];
        var wished = now.Where(taint => taint.Text("key") is var own && own == key || own is not (NotReady or Unreachable)).ToList();
        foreach (var effect in key.Length == 0 ? [] : (string[])["NoSchedule", "NoExecute"])
        {
            if (!wished.Exists(taint => taint.Text("key") == key && taint.Text("effect") == effect))
            {
                wished.Add(JsonMap.Of(("key", key), ("effect", effect), ("timeAdded", Now.ToRfc3339())));
            }
        }

        return wished.SequenceEqual(now) ? null : new JsonList([.. wished]);
    }

    private static string? HeartbeatOf(Node node) => NodeConditions.Find(node, "Ready")?.Text("lastHeartbeatTime");
}
