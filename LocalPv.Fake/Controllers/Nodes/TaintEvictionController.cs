using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Controllers.Machinery;
using LocalPv.Fake.Scheduling;

namespace LocalPv.Fake.Controllers.Nodes;

/// <summary>
/// The model of <c>pkg/controller/tainteviction</c>: deletes Pods from nodes with a NoExecute taint that they do not tolerate, at once or
/// when the <c>tolerationSeconds</c> of their tolerations have passed.
/// </summary>
public sealed class TaintEvictionController : ControllerAgent
{
    private readonly Reflector _nodes;
    private readonly Reflector _pods;
    private readonly Worker<ObjectKey> _worker;

    /// <summary>A controller that has seen nothing yet.</summary>
    public TaintEvictionController(ControllerOptions options)
        : base("taint-eviction-controller", options)
    {
        _nodes = Watch(ResourceTypes.Nodes);
        _pods = Watch(ResourceTypes.Pods);
        _worker = Work<ObjectKey>(Sync, parallel: 8, retry: new Backoff(TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(10)));
    }

    /// <inheritdoc/>
    private protected override void OnChange(Reflector reflector, ObjectChange change)
    {
        if (change.After is Pod { NodeName.Length: > 0, IsBeingDeleted: false } pod)
        {
            _worker.Add(pod.Key);
        }
        else if (change.After is Node node && !Equals(change.Before?.Tree.At("spec", "taints"), node.Tree.At("spec", "taints")))
        {
            foreach (var on in _pods.Objects.Values.OfType<Pod>().Where(one => one.NodeName == node.Name))
            {
                _worker.Add(on.Key);
            }
        }
    }

    private IEnumerable<Awaited> Sync(ObjectKey key)
    {
        if (_pods.Find(key) is not Pod { IsBeingDeleted: false } pod || pod.HasEnded()
            || _nodes.Find(ObjectKey.ClusterScoped(pod.NodeName)) is not Node node
            || DueAt(pod, node) is not { } due)
        {
            yield break;
        }

        if (due > Now)
        {
            _worker.AddAt(key, due);
            yield break;
        }

        Events.Normal(pod, "TaintManagerEviction", $"Marking for deletion Pod {key}");
        yield return new ClusterCall(Disruption.Mark(Now, pod, "DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint"));
        var delete = new ClusterCall(new ClusterRequest.Delete(ResourceTypes.Pods, key, pod.Uid));
        yield return delete;
        if (delete.Failed && !delete.NotFound)
        {
            yield return TryAgain.Later;
        }
    }

    // When the Pod has to go: with the first taint that it does not tolerate (any longer); null for never.
    private static Instant? DueAt(Pod pod, Node node)
    {
        Instant? first = null;
        foreach (var tree in (node.Tree.At("spec", "taints") as JsonList)?.Maps() ?? [])
        {
            var taint = new Taint(tree.Text("key") ?? "", tree.Text("value") ?? "", tree.Text("effect") ?? "");
            if (taint.Effect != "NoExecute")
            {
                continue;
            }

            var since = Instant.TryParseRfc3339(tree.Text("timeAdded"), out var added) ? added : Instant.Epoch;
            var until = ToleratedUntil(pod, taint, since);
            first = until == Instant.Never ? first : first is { } known ? Instant.Min(known, until) : until;
        }

        return first;
    }

    private static Instant ToleratedUntil(Pod pod, Taint taint, Instant since)
    {
        var until = Instant.Epoch;
        var seconds = long.MaxValue;
        foreach (var tree in (pod.Tree.At("spec", "tolerations") as JsonList)?.Maps() ?? [])
        {
            var toleration = new Toleration(
                tree.Text("key") ?? "", tree.Text("operator") ?? "Equal", tree.Text("value") ?? "", tree.Text("effect") ?? "");
            if (toleration.Tolerates(taint))
            {
                seconds = Math.Min(seconds, tree.Number("tolerationSeconds") ?? long.MaxValue);
                until = seconds == long.MaxValue ? Instant.Never : since + TimeSpan.FromSeconds(Math.Max(0, seconds));
            }
        }

        return until;
    }
}
