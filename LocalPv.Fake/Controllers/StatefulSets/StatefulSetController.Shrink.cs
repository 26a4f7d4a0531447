using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Fake.Controllers.Machinery;

namespace LocalPv.Fake.Controllers.StatefulSets;

/// <content>Pods that go: because there are too many, or because they are of an old revision. And the status.</content>
public sealed partial class StatefulSetController
{
    private IEnumerable<Awaited> ScaleDown(StatefulSet set, SortedDictionary<int, Pod> pods, Verdict wait)
    {
        foreach (var (ordinal, pod) in pods.Reverse())
        {
            if (ordinal >= set.Start && ordinal < set.Start + set.Replicas)
            {
                continue;
            }

            if (!pod.IsBeingDeleted)
            {
                foreach (var step in set.DeletesClaimsOnScaleDown ? HandClaimsTo(set, ordinal, pod) : [])
                {
                    yield return step;
                }

                var delete = DeletePod(pod);
                yield return delete;
                if (delete.Succeeded)
                {
                    Events.Normal(set.Source, "SuccessfulDelete", $"delete Pod {pod.Name} in StatefulSet {set.Source.Name} successful");
                }
            }

            wait.Stops = set.IsOrdered;
            if (wait.Stops)
            {
                yield break;
            }
        }
    }

    // The claims of a Pod that goes for good are made its own, so that the garbage collector takes them with it.
    private IEnumerable<Awaited> HandClaimsTo(StatefulSet set, int ordinal, Pod pod)
    {
        foreach (var template in set.ClaimTemplates)
        {
            if (_claims.Find(new ObjectKey(set.Source.Namespace, set.ClaimNameOf(template, ordinal))) is not { } claim
                || OwnerReference.Of(claim).Any(owner => owner.Uid == pod.Uid))
            {
                continue;
            }

            var owners = JsonList.Of(OwnerReference.To(pod, isController: false));
            var write = new ClusterCall(new ClusterRequest.Replace(
                ResourceTypes.PersistentVolumeClaims, claim.Key, claim.Tree.WithAt(["metadata", "ownerReferences"], owners)));
            yield return write;
            if (write.Failed)
            {
                yield return TryAgain.Later;
            }
        }
    }

    // From the last Pod down: the first that is old goes; one that is not healthy is waited for.
    private static IEnumerable<Awaited> RollOut(StatefulSet set, SortedDictionary<int, Pod> pods, string revision)
    {
        foreach (var (ordinal, pod) in pods.Reverse())
        {
            if (ordinal < Math.Max(set.Partition, set.Start))
            {
                yield break;
            }

            if (RevisionOf(pod) != revision && !pod.IsBeingDeleted)
            {
                yield return DeletePod(pod);
                yield break;
            }

            if (!pod.IsRunningAndReady() || pod.IsBeingDeleted)
            {
                yield break;
            }
        }
    }

    private static JsonMap Status(StatefulSet set, SortedDictionary<int, Pod> pods, string revision)
    {
        long ready = 0, updated = 0, current = 0;
        var before = set.Source.Tree.Map("status");
        var currentRevision = before?.Text("currentRevision") ?? revision;
        foreach (var (_, pod) in pods)
        {
            ready += pod.IsRunningAndReady() ? 1 : 0;
            updated += RevisionOf(pod) == revision && !pod.IsBeingDeleted ? 1 : 0;
            current += RevisionOf(pod) == currentRevision && !pod.IsBeingDeleted ? 1 : 0;
        }

        if (updated == set.Replicas && ready == set.Replicas && pods.Count == set.Replicas)
        {
            // The update is complete: the new revision is the current one.
            (currentRevision, current) = (revision, updated);
        }

        return JsonMap.Of(
            ("observedGeneration", set.Source.Generation),
            ("replicas", pods.Count),
            ("readyReplicas", ready > 0 ? (JsonTree)ready : null),
            ("availableReplicas", ready),
            ("currentReplicas", current > 0 ? (JsonTree)current : null),
            ("updatedReplicas", updated > 0 ? (JsonTree)updated : null),
            ("currentRevision", currentRevision),
            ("updateRevision", revision),
            ("collisionCount", 0));
    }

    private static string RevisionOf(Pod pod) => pod.Label("controller-revision-hash") ?? "";
}
