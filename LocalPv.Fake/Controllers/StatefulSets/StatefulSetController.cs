using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Fake.Controllers.Machinery;

namespace LocalPv.Fake.Controllers.StatefulSets;

/// <summary>
/// The model of <c>pkg/controller/statefulset</c>: numbered Pods, each with claims of its own that outlive it; created in order and
/// deleted in reverse, each ready before the next (or all at once with the policy Parallel); rolling updates from the last Pod down to
/// the partition.
/// </summary>
/// <remarks>
/// Upstream also does, and this does not: ControllerRevision objects (so a Pod below the partition that is lost comes back from the newest
/// template), adoption of Pods without owner, <c>minReadySeconds</c>, <c>maxUnavailable</c>, resizing of claims by template.
/// </remarks>
public sealed partial class StatefulSetController : ControllerAgent
{
    private readonly Reflector _sets;
    private readonly Reflector _pods;
    private readonly Reflector _claims;
    private readonly OwnedPods _owned = new();
    private readonly Dictionary<string, (long Generation, string Revision)> _revisions = [];
    private readonly Worker<ObjectKey> _worker;

    /// <summary>A controller that has seen nothing yet.</summary>
    public StatefulSetController(ControllerOptions options)
        : base("statefulset-controller", options)
    {
        _sets = Watch(WorkloadTypes.StatefulSets);
        _pods = Watch(ResourceTypes.Pods);
        _claims = Watch(ResourceTypes.PersistentVolumeClaims);
        _worker = Work<ObjectKey>(Sync, parallel: 5, retry: new Backoff(TimeSpan.FromMilliseconds(5), TimeSpan.FromSeconds(1000)));
    }

    /// <inheritdoc/>
    private protected override void OnChange(Reflector reflector, ObjectChange change)
    {
        if (reflector == _sets)
        {
            if (change.After is null)
            {
                _revisions.Remove(change.Object.Uid);
            }

            _worker.Add(change.Object.Key);
        }
        else if (reflector == _pods)
        {
            _owned.Note(change);
            AddOwnerOf(change.Before);
            AddOwnerOf(change.After);
        }
    }

    private void AddOwnerOf(KubernetesObject? pod)
    {
        if (pod is not null && OwnerReference.ControllerOf(pod) is { Kind: "StatefulSet" } owner)
        {
            _worker.Add(new ObjectKey(pod.Namespace, owner.Name));
        }
    }

    // The template is hashed once for each generation of the set, not for each of its Pods' changes.
    private string RevisionOf(StatefulSet set)
    {
        if (!_revisions.TryGetValue(set.Source.Uid, out var known) || known.Generation != set.Source.Generation)
        {
            _revisions[set.Source.Uid] = known = (set.Source.Generation, set.Revision());
        }

        return known.Revision;
    }

    private IEnumerable<Awaited> Sync(ObjectKey key)
    {
        if (_sets.Find(key) is not { IsBeingDeleted: false } source)
        {
            yield break;
        }

        var set = new StatefulSet(source);
        var revision = RevisionOf(set);
        var pods = new SortedDictionary<int, Pod>();
        foreach (var pod in _owned.Of(source.Uid))
        {
            if (set.OrdinalOf(pod.Name) is >= 0 and var ordinal)
            {
                pods[ordinal] = pod;
            }
        }

        foreach (var step in Reconcile(set, pods, revision))
        {
            yield return step;
        }

        var status = Status(set, pods, revision);
        if (!status.Equals(source.Tree.Map("status")))
        {
            var write = new ClusterCall(new ClusterRequest.Replace(
                WorkloadTypes.StatefulSets, key, source.Tree.With("status", status), "status"));
            yield return write;
            if (write.Failed && !write.NotFound)
            {
                yield return TryAgain.Later;
            }
        }
    }

    private IEnumerable<Awaited> Reconcile(StatefulSet set, SortedDictionary<int, Pod> pods, string revision)
    {
        var wait = new Verdict();
        for (var ordinal = set.Start; ordinal < set.Start + set.Replicas && !wait.Stops; ordinal++)
        {
            foreach (var step in Keep(set, ordinal, pods.GetValueOrDefault(ordinal), revision, wait))
            {
                yield return step;
            }
        }

        foreach (var step in wait.Stops ? [] : ScaleDown(set, pods, wait))
        {
            yield return step;
        }

        foreach (var step in wait.Stops || !set.UpdatesByItself ? [] : RollOut(set, pods, revision))
        {
            yield return step;
        }
    }

    // One Pod that should be there. In an ordered set nothing goes on before it is ready.
    private IEnumerable<Awaited> Keep(StatefulSet set, int ordinal, Pod? pod, string revision, Verdict wait)
    {
        if (pod is null)
        {
            foreach (var step in Create(set, ordinal, revision))
            {
                yield return step;
            }

            wait.Stops = set.IsOrdered;
            yield break;
        }

        if (pod.HasEnded() && !pod.IsBeingDeleted)
        {
            Events.Warning(set.Source, "RecreatingTerminatedPod", $"StatefulSet {set.Source.Key} is recreating terminated Pod {pod.Name}");
            yield return DeletePod(pod);
        }
        else if (pod.Phase == "Pending" && !pod.IsBeingDeleted)
        {
            foreach (var step in CreateClaims(set, ordinal))
            {
                yield return step;
            }
        }

        wait.Stops = set.IsOrdered && (pod.IsBeingDeleted || !pod.IsRunningAndReady());
    }

    private IEnumerable<Awaited> Create(StatefulSet set, int ordinal, string revision)
    {
        foreach (var step in CreateClaims(set, ordinal))
        {
            yield return step;
        }

        var create = new ClusterCall(new ClusterRequest.Create(ResourceTypes.Pods, set.Source.Namespace, set.PodFor(ordinal, revision)));
        yield return create;
        var name = set.NameOf(ordinal);
        if (create.Succeeded)
        {
            Events.Normal(set.Source, "SuccessfulCreate", $"create Pod {name} in StatefulSet {set.Source.Name} successful");
        }
        else if (create.Outcome.Kind != OutcomeKind.AlreadyExists)
        {
            Events.Warning(
                set.Source, "FailedCreate", $"create Pod {name} in StatefulSet {set.Source.Name} failed error: {create.Outcome.Message}");
            yield return TryAgain.Later;
        }
        else if (_pods.Find(new ObjectKey(set.Source.Namespace, name)) is not null)
        {
            // A Pod of that name which is not ours, or ours of before: it has to go first.
            yield return TryAgain.Later;
        }
    }

    private IEnumerable<Awaited> CreateClaims(StatefulSet set, int ordinal)
    {
        foreach (var template in set.ClaimTemplates)
        {
            var key = new ObjectKey(set.Source.Namespace, set.ClaimNameOf(template, ordinal));
            if (_claims.Find(key) is { } known)
            {
                if (known.IsBeingDeleted)
                {
                    Events.Warning(
                        set.Source,
                        "FailedCreate",
                        $"create Pod {set.NameOf(ordinal)} in StatefulSet {set.Source.Name} failed error: pvc {key.Name} is being deleted");
                    yield return TryAgain.Later;
                }

                continue;
            }

            var create = new ClusterCall(new ClusterRequest.Create(
                ResourceTypes.PersistentVolumeClaims, key.Namespace, set.ClaimFor(template, ordinal)));
            yield return create;
            if (create.Succeeded)
            {
                Events.Normal(
                    set.Source,
                    "SuccessfulCreate",
                    $"create Claim {key.Name} Pod {set.NameOf(ordinal)} in StatefulSet {set.Source.Name} success");
            }
            else if (create.Outcome.Kind != OutcomeKind.AlreadyExists)
            {
                yield return TryAgain.Later;
            }
        }
    }

    private static ClusterCall DeletePod(Pod pod) => new(new ClusterRequest.Delete(ResourceTypes.Pods, pod.Key, pod.Uid));

    // Whether the sync ends here, to go on when a Pod has changed.
    private sealed class Verdict
    {
        public bool Stops { get; set; }
    }
}
