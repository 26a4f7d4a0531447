using System.Globalization;
using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Controllers.Machinery;

namespace LocalPv.Fake.Controllers.Deployments;

/// <summary>
/// The model of <c>pkg/controller/deployment</c>: a ReplicaSet for each state of the template, and the way from the old ones to the newest
/// in steps that keep enough Pods available (RollingUpdate), or by ending the old first (Recreate).
/// </summary>
/// <remarks>
/// Upstream also scales the ReplicaSets of a paused or half-done roll-out in proportion, and adopts ReplicaSets without owner.
/// </remarks>
public sealed class DeploymentController : ControllerAgent
{
    private readonly Reflector _deployments;
    private readonly Reflector _sets;
    private readonly Reflector _pods;
    private readonly OwnedPods _owned = new();
    private readonly Worker<ObjectKey> _worker;

    /// <summary>A controller that has seen nothing yet.</summary>
    public DeploymentController(ControllerOptions options)
        : base("deployment-controller", options)
    {
        _deployments = Watch(WorkloadTypes.Deployments);
        _sets = Watch(WorkloadTypes.ReplicaSets);
        _pods = Watch(ResourceTypes.Pods);
        _worker = Work<ObjectKey>(Sync, parallel: 5, retry: new Backoff(TimeSpan.FromMilliseconds(5), TimeSpan.FromSeconds(1000)));
    }

    /// <inheritdoc/>
    private protected override void OnChange(Reflector reflector, ObjectChange change)
    {
        if (reflector == _deployments)
        {
            _worker.Add(change.Object.Key);
            return;
        }

        var set = change.Object;
        if (reflector == _pods)
        {
            // A Pod that is gone for good may be the last that a Recreate waits for.
            _owned.Note(change);
            if (change.After is not null || OwnerReference.ControllerOf(change.Object) is not { Kind: "ReplicaSet" } above
                || _sets.Find(new ObjectKey(change.Object.Namespace, above.Name)) is not { } found)
            {
                return;
            }

            set = found;
        }

        if (OwnerReference.ControllerOf(set) is { Kind: "Deployment" } owner)
        {
            _worker.Add(new ObjectKey(set.Namespace, owner.Name));
        }
    }

    private IEnumerable<Awaited> Sync(ObjectKey key)
    {
        if (_deployments.Find(key) is not { IsBeingDeleted: false } source)
        {
            yield break;
        }

        var deployment = new Deployment(source);
        var all = SetsOf(source);
        var newest = all.FirstOrDefault(deployment.IsNewest);
        var old = all.Where(set => set != newest).ToList();
        foreach (var step in deployment.IsPaused ? ScalePaused(deployment, newest) : RollOut(deployment, newest, old))
        {
            yield return step;
        }

        foreach (var step in CleanUp(deployment, old).Concat(Report(deployment)))
        {
            yield return step;
        }
    }

    private List<KubernetesObject> SetsOf(KubernetesObject deployment) =>
        [.. _sets.Objects.Values.Where(set => OwnerReference.ControllerOf(set)?.Uid == deployment.Uid)
            .OrderBy(Deployment.RevisionOf).ThenBy(set => set.Name, StringComparer.Ordinal)];

    // A paused roll-out keeps the number of Pods of what it has reached.
    private IEnumerable<Awaited> ScalePaused(Deployment deployment, KubernetesObject? newest) =>
        newest is not null && Deployment.WishOf(newest) != deployment.Replicas && SetsOf(deployment.Source).Count == 1
            ? Scale(deployment, newest, deployment.Replicas)
            : [];

    private IEnumerable<Awaited> RollOut(Deployment deployment, KubernetesObject? newest, List<KubernetesObject> old)
    {
        if (deployment.Recreates && old.Any(set => Deployment.WishOf(set) > 0 || _owned.Of(set.Uid).Any()))
        {
            // The last Pod of the old has to be gone before the first of the new comes.
            foreach (var step in old.Where(set => Deployment.WishOf(set) > 0).SelectMany(set => Scale(deployment, set, 0)))
            {
                yield return step;
            }

            yield break;
        }

        var wished = old.Sum(Deployment.WishOf);
        var room = deployment.Replicas + (deployment.Recreates ? 0 : deployment.SurgeMax) - wished;
        if (newest is null)
        {
            foreach (var step in MakeNewest(deployment, old, Math.Clamp(room, 0, deployment.Replicas)))
            {
                yield return step;
            }

            yield break;
        }

        foreach (var step in Renumber(newest, old))
        {
            yield return step;
        }

        var wish = Deployment.WishOf(newest);
        var next = wish > deployment.Replicas ? deployment.Replicas : Math.Max(wish, Math.Min(deployment.Replicas, room));
        if (next != wish)
        {
            foreach (var step in Scale(deployment, newest, next))
            {
                yield return step;
            }

            yield break;
        }

        foreach (var step in ScaleDownOld(deployment, newest, old))
        {
            yield return step;
        }
    }

    // reconcileOldReplicaSets: first what is of no use, then as many as the new ones allow.
    private IEnumerable<Awaited> ScaleDownOld(Deployment deployment, KubernetesObject newest, List<KubernetesObject> old)
    {
        var newUnavailable = Deployment.WishOf(newest) - Deployment.AvailableOf(newest);
        var allowed = old.Sum(Deployment.WishOf) + Deployment.WishOf(newest)
            - (deployment.Replicas - deployment.UnavailableMax) - newUnavailable;
        foreach (var set in old.Where(set => Deployment.WishOf(set) > 0))
        {
            var useless = Math.Min(allowed, Deployment.WishOf(set) - Deployment.AvailableOf(set));
            if (useless > 0)
            {
                allowed -= useless;
                foreach (var step in Scale(deployment, set, Deployment.WishOf(set) - useless))
                {
                    yield return step;
                }
            }
        }

        var spare = Deployment.AvailableOf(newest) + old.Sum(Deployment.AvailableOf) - (deployment.Replicas - deployment.UnavailableMax);
        foreach (var set in old.Where(set => Deployment.WishOf(set) > 0 && Deployment.WishOf(set) <= Deployment.AvailableOf(set)))
        {
            var less = Math.Min(spare, Deployment.WishOf(set));
            if (less > 0)
            {
                spare -= less;
                foreach (var step in Scale(deployment, set, Deployment.WishOf(set) - less))
                {
                    yield return step;
                }
            }
        }
    }

    private IEnumerable<Awaited> MakeNewest(Deployment deployment, List<KubernetesObject> old, long replicas)
    {
        var revision = old.Select(Deployment.RevisionOf).DefaultIfEmpty(0).Max() + 1;
        var create = new ClusterCall(new ClusterRequest.Create(
            WorkloadTypes.ReplicaSets, deployment.Source.Namespace, deployment.ReplicaSet(replicas, revision)));
        yield return create;
        if (create.Failed)
        {
            Events.Warning(deployment.Source, "ReplicaSetCreateError", create.Outcome.Message);
            yield return TryAgain.Later;
            yield break;
        }

        Learn(_sets, create.Object!);
        Tell(deployment, "up", create.Object!, 0, replicas);
    }

    // A template that comes back takes up its old ReplicaSet, which becomes the newest of the history.
    private IEnumerable<Awaited> Renumber(KubernetesObject newest, List<KubernetesObject> old)
    {
        var last = old.Select(Deployment.RevisionOf).DefaultIfEmpty(0).Max();
        if (Deployment.RevisionOf(newest) > last)
        {
            yield break;
        }

        var write = new ClusterCall(new ClusterRequest.Patch(WorkloadTypes.ReplicaSets, newest.Key, JsonMap.Of(("metadata", JsonMap.Of(
            ("annotations", JsonMap.Of((Deployment.RevisionAnnotation, (last + 1).ToString(CultureInfo.InvariantCulture)))))))));
        yield return write;
        if (write.Failed)
        {
            yield return TryAgain.Later;
            yield break;
        }

        Learn(_sets, write.Object!);
    }

    private IEnumerable<Awaited> Scale(Deployment deployment, KubernetesObject set, long replicas)
    {
        var before = Deployment.WishOf(set);
        var write = new ClusterCall(new ClusterRequest.Patch(
            WorkloadTypes.ReplicaSets, set.Key, JsonMap.Of(("spec", JsonMap.Of(("replicas", replicas))))));
        yield return write;
        if (write.Failed)
        {
            yield return TryAgain.Later;
            yield break;
        }

        Learn(_sets, write.Object!);
        Tell(deployment, replicas > before ? "up" : "down", set, before, replicas);
    }

    private void Tell(Deployment deployment, string way, KubernetesObject set, long before, long after) => Events.Normal(
        deployment.Source,
        "ScalingReplicaSet",
        string.Create(CultureInfo.InvariantCulture, $"Scaled {way} replica set {set.Name} from {before} to {after}"));

    private static IEnumerable<Awaited> CleanUp(Deployment deployment, List<KubernetesObject> old)
    {
        var idle = old.Where(set => Deployment.WishOf(set) == 0 && Deployment.ReplicasOf(set) == 0 && !set.IsBeingDeleted).ToList();
        foreach (var set in idle.Take((int)Math.Max(0, old.Count - deployment.HistoryMax)))
        {
            yield return new ClusterCall(new ClusterRequest.Delete(WorkloadTypes.ReplicaSets, set.Key, set.Uid));
        }
    }

    private IEnumerable<Awaited> Report(Deployment deployment)
    {
        var source = deployment.Source;
        var all = SetsOf(source);
        var newest = all.FirstOrDefault(deployment.IsNewest);
        var status = DeploymentStatus.Of(deployment, all, newest, Now, out var deadline);
        var revision = newest is null ? null : newest.Annotations.Text(Deployment.RevisionAnnotation);
        if (revision is not null && source.Annotations.Text(Deployment.RevisionAnnotation) != revision)
        {
            yield return new ClusterCall(new ClusterRequest.Patch(WorkloadTypes.Deployments, source.Key, JsonMap.Of(("metadata",
                JsonMap.Of(("annotations", JsonMap.Of((Deployment.RevisionAnnotation, revision))))))));
        }

        if (deadline != Instant.Never)
        {
            _worker.AddAt(source.Key, deadline);
        }

        if (status.Equals(source.Tree.Map("status")))
        {
            yield break;
        }

        var write = new ClusterCall(new ClusterRequest.Patch(
            WorkloadTypes.Deployments, source.Key, JsonMap.Of(("status", status)), "status"));
        yield return write;
        if (write.Failed && !write.NotFound)
        {
            yield return TryAgain.Later;
        }
    }
}
