using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Fake.Controllers.Machinery;

namespace LocalPv.Fake.Controllers.Deployments;

/// <summary>
/// The model of <c>pkg/controller/replicaset</c>: as many Pods of a template as are wished for, whatever becomes of single ones. Of too
/// many, those go first that are the least use: without a node, not running, not ready, the newest.
/// </summary>
/// <remarks>Upstream also adopts Pods without owner, and knows <c>minReadySeconds</c> and the cost of deleting a Pod.</remarks>
public sealed class ReplicaSetController : ControllerAgent
{
    private readonly Reflector _sets;
    private readonly Reflector _pods;
    private readonly OwnedPods _owned = new();

    // Pods whose deletion was asked for: the watch may still show them as they were.
    private readonly SortedSet<string> _going = new(StringComparer.Ordinal);
    private readonly Worker<ObjectKey> _worker;

    /// <summary>A controller that has seen nothing yet.</summary>
    public ReplicaSetController(ControllerOptions options)
        : base("replicaset-controller", options)
    {
        _sets = Watch(WorkloadTypes.ReplicaSets);
        _pods = Watch(ResourceTypes.Pods);
        _worker = Work<ObjectKey>(Sync, parallel: 5, retry: new Backoff(TimeSpan.FromMilliseconds(5), TimeSpan.FromSeconds(1000)));
    }

    /// <inheritdoc/>
    private protected override void OnChange(Reflector reflector, ObjectChange change)
    {
        if (reflector == _sets)
        {
            _worker.Add(change.Object.Key);
            return;
        }

        _owned.Note(change);
        if (change.After is null)
        {
            _going.Remove(change.Object.Uid);
        }

        AddOwnerOf(change.Before);
        AddOwnerOf(change.After);
    }

    private void AddOwnerOf(KubernetesObject? pod)
    {
        if (pod is not null && OwnerReference.ControllerOf(pod) is { Kind: "ReplicaSet" } owner)
        {
            _worker.Add(new ObjectKey(pod.Namespace, owner.Name));
        }
    }

    private IEnumerable<Awaited> Sync(ObjectKey key)
    {
        if (_sets.Find(key) is not { IsBeingDeleted: false } set)
        {
            yield break;
        }

        var replicas = Replicas(set);
        var pods = ActiveOf(set);
        for (var missing = replicas - pods.Count; missing > 0; missing--)
        {
            var create = new ClusterCall(new ClusterRequest.Create(ResourceTypes.Pods, key.Namespace, PodFor(set)));
            yield return create;
            if (create.Failed)
            {
                Events.Warning(set, "FailedCreate", $"Error creating: {create.Outcome.Message}");
                yield return TryAgain.Later;
                yield break;
            }

            Learn(_pods, create.Object!);
            Events.Normal(set, "SuccessfulCreate", $"Created pod: {create.Object!.Name}");
        }

        pods.Sort(CompareUse);
        foreach (var pod in pods.Take((int)Math.Max(0, pods.Count - replicas)))
        {
            var delete = new ClusterCall(new ClusterRequest.Delete(ResourceTypes.Pods, pod.Key, pod.Uid));
            yield return delete;
            if (delete.Failed && !delete.NotFound)
            {
                yield return TryAgain.Later;
                yield break;
            }

            _going.Add(pod.Uid);
            Events.Normal(set, "SuccessfulDelete", $"Deleted pod: {pod.Name}");
        }

        foreach (var step in Report(set))
        {
            yield return step;
        }
    }

    private IEnumerable<Awaited> Report(KubernetesObject set)
    {
        var pods = ActiveOf(set);
        var ready = pods.Count(pod => pod.IsRunningAndReady());
        var status = JsonMap.Of(
            ("replicas", pods.Count),
            ("fullyLabeledReplicas", pods.Count > 0 ? (JsonTree)pods.Count : null),
            ("readyReplicas", ready > 0 ? (JsonTree)ready : null),
            ("availableReplicas", ready > 0 ? (JsonTree)ready : null),
            ("observedGeneration", set.Generation));
        if (status.Equals(set.Tree.Map("status")))
        {
            yield break;
        }

        var write = new ClusterCall(new ClusterRequest.Replace(
            WorkloadTypes.ReplicaSets, set.Key, set.Tree.With("status", status), "status"));
        yield return write;
        if (write.Failed && !write.NotFound)
        {
            yield return TryAgain.Later;
        }
    }

    private List<Pod> ActiveOf(KubernetesObject set) =>
        [.. _owned.Of(set.Uid).Where(pod =>
            !pod.IsBeingDeleted && !_going.Contains(pod.Uid) && pod.Phase is not ("Succeeded" or "Failed"))];

    private static long Replicas(KubernetesObject set) => set.Tree.Map("spec")?.Number("replicas") ?? 1;

    private static JsonMap PodFor(KubernetesObject set)
    {
        var template = set.Tree.At("spec", "template") as JsonMap ?? JsonMap.Empty;
        var metadata = template.Map("metadata") ?? JsonMap.Empty;
        return JsonMap.Of(
            ("apiVersion", "v1"),
            ("kind", "Pod"),
            ("metadata", JsonMap.Of(
                ("generateName", set.Name + "-"),
                ("namespace", set.Namespace),
                ("labels", metadata["labels"]),
                ("annotations", metadata["annotations"]),
                ("ownerReferences", JsonList.Of(OwnerReference.To(set, isController: true))))),
            ("spec", template.Map("spec") ?? JsonMap.Empty));
    }

    // The least useful first.
    private static int CompareUse(Pod a, Pod b)
    {
        var order = (a.NodeName.Length > 0).CompareTo(b.NodeName.Length > 0);
        order = order != 0 ? order : (a.Phase == "Running").CompareTo(b.Phase == "Running");
        order = order != 0 ? order : a.IsRunningAndReady().CompareTo(b.IsRunningAndReady());
        order = order != 0 ? order : string.CompareOrdinal(CreatedAt(b), CreatedAt(a));
        return order != 0 ? order : string.CompareOrdinal(a.Name, b.Name);
    }

    private static string CreatedAt(Pod pod) => pod.Metadata.Text("creationTimestamp") ?? "";
}
