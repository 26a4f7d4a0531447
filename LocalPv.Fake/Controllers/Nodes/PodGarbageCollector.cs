using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Controllers.Machinery;

namespace LocalPv.Fake.Controllers.Nodes;

/// <summary>
/// The model of <c>pkg/controller/podgc</c>: takes away Pods that nobody else can: those of nodes that are gone, those that are being
/// deleted and never had a node, and those being deleted on a node that somebody declared out of service.
/// </summary>
/// <remarks>Upstream also takes away Pods that have ended where there are more than 12,500 of them.</remarks>
public sealed class PodGarbageCollector : ControllerAgent
{
    private const string OutOfService = "node.kubernetes.io/out-of-service";

    // quarantineTime.
    private static readonly TimeSpan Quarantine = TimeSpan.FromSeconds(40);

    private readonly Reflector _nodes;
    private readonly Reflector _pods;
    private readonly SortedDictionary<string, Instant> _missedSince = new(StringComparer.Ordinal);
    private readonly Worker<ObjectKey> _worker;

    /// <summary>A controller that has seen nothing yet, and looks at all Pods once in each <paramref name="period"/>.</summary>
    public PodGarbageCollector(ControllerOptions options, TimeSpan period)
        : base("pod-garbage-collector", options)
    {
        _nodes = Watch(ResourceTypes.Nodes);
        _pods = Watch(ResourceTypes.Pods);
        _worker = Work<ObjectKey>(Sync, parallel: 4);
        Every(period);
    }

    /// <inheritdoc/>
    private protected override void OnChange(Reflector reflector, ObjectChange change)
    {
        // It looks at everything once a period instead.
    }

    /// <inheritdoc/>
    private protected override void OnPeriod()
    {
        var missing = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var pod in _pods.Objects.Values.OfType<Pod>())
        {
            if (pod.NodeName.Length == 0)
            {
                if (pod.IsBeingDeleted)
                {
                    _worker.Add(pod.Key);
                }
            }
            else if (_nodes.Find(ObjectKey.ClusterScoped(pod.NodeName)) is not Node node)
            {
                missing.Add(pod.NodeName);
                if (_missedSince.TryGetValue(pod.NodeName, out var since) && Now - since >= Quarantine)
                {
                    _worker.Add(pod.Key);
                }
            }
            else if (pod.IsBeingDeleted && IsOutOfService(node))
            {
                _worker.Add(pod.Key);
            }
        }

        foreach (var back in _missedSince.Keys.Where(name => !missing.Contains(name)).ToList())
        {
            _missedSince.Remove(back);
        }

        foreach (var name in missing)
        {
            _missedSince.TryAdd(name, Now);
        }
    }

    private IEnumerable<Awaited> Sync(ObjectKey key)
    {
        if (_pods.Find(key) is not Pod pod)
        {
            yield break;
        }

        if (pod.NodeName.Length > 0 && _nodes.Find(ObjectKey.ClusterScoped(pod.NodeName)) is null)
        {
            // Our copy may be old: the API server has the last word on whether the node is gone.
            var look = new ClusterCall(new ClusterRequest.Get(ResourceTypes.Nodes, ObjectKey.ClusterScoped(pod.NodeName)));
            yield return look;
            if (!look.NotFound)
            {
                yield break;
            }
        }

        if (!pod.HasEnded())
        {
            var mark = new ClusterCall(Disruption.Mark(
                Now, pod, "DeletionByPodGC", "PodGC: node no longer exists", pod.NodeName.Length > 0 ? "Failed" : null));
            yield return mark;
            if (mark.Failed)
            {
                yield break;
            }
        }

        yield return new ClusterCall(new ClusterRequest.Delete(ResourceTypes.Pods, key, pod.Uid) { GracePeriodSeconds = 0 });
    }

    private static bool IsOutOfService(Node node) => NodeConditions.StatusOf(node, "Ready") != "True"
        && ((node.Tree.At("spec", "taints") as JsonList)?.Maps() ?? []).Any(taint => taint.Text("key") == OutOfService);
}
