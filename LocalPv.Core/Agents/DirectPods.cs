using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Provisioning;

namespace LocalPv.Core.Agents;

/// <summary>
/// Chooses the node of claims whose Pod names its node itself (<c>spec.nodeName</c>). Such a Pod passes the scheduler by, so that nobody
/// else would ever choose: in Kubernetes' own words the claim stays Pending for ever. From here on the claim goes the common way: the
/// node's agent makes the volume or says why it cannot.
/// </summary>
/// <remarks>
/// The only place where LocalPv sets <c>selected-node</c>, and only for a claim that has none, guarded by its version: where the scheduler
/// has chosen at the same time for another Pod of the same claim, one of the two writes fails and the other holds.
/// </remarks>
internal sealed class DirectPods(Calls calls, ClusterAgentOptions options, ClusterWatches watches, GuardedWrites writes)
{
    internal void Review(AbsenceClock clock)
    {
        foreach (var item in watches.Pods.Objects.Values)
        {
            var pod = (Pod)item;
            if (pod.NodeName.Length > 0 && watches.Node(pod.NodeName) is not null)
            {
                foreach (var name in pod.ClaimNames)
                {
                    Look(pod, new ObjectKey(pod.Namespace, name), clock);
                }
            }
        }
    }

    private void Look(Pod pod, ObjectKey key, AbsenceClock clock)
    {
        if (watches.Claims.Find(key) is PersistentVolumeClaim claim && IsOpen(claim) && !IsKeptAway(claim, pod.NodeName, clock)
            && writes.IsReady(claim))
        {
            writes.Begin(claim, [new(claim.Type, key)], found => Choice(pod, claim, found[0], clock), outcome =>
            {
                if (outcome.TryGetValue(out var answer))
                {
                    watches.Learn(watches.Claims, answer.Object);
                }
            });
        }
    }

    // The Pod is as the watch last saw it. Should it be gone by now, its claim has a node all the same, as it would have after a scheduler.
    private ClusterRequest.Patch? Choice(Pod pod, PersistentVolumeClaim claim, KubernetesObject? found, AbsenceClock clock) =>
        found is PersistentVolumeClaim open && open.Uid == claim.Uid && IsOpen(open) && !IsKeptAway(open, pod.NodeName, clock)
            ? new ClusterRequest.Patch(open.Type, open.Key, GuardedWrites.Guarded(
                open, ("annotations", JsonMap.Of((WellKnown.SelectedNodeAnnotation, pod.NodeName)))))
            : null;

    private bool IsOpen(PersistentVolumeClaim claim) =>
        claim is { IsBeingDeleted: false, VolumeName: "", SelectedNode: null }
        && watches.Classes.Find(ObjectKey.ClusterScoped(claim.StorageClassName ?? "")) is StorageClass found
        && found.Provisioner == options.Provisioner && found.VolumeBindingMode == "WaitForFirstConsumer";

    // There is no other node to try; the waits grow as they do where there are others. A node that failed is not asked again before it
    // reports room for the claim: else the claim would come and go for ever, be it that the node is full or that its group lost a disk.
    // The time of the failure is of that node's clock, which may be ahead: then as long as our own clock says.
    private bool IsKeptAway(PersistentVolumeClaim claim, string node, AbsenceClock clock)
    {
        if (!NodeName.TryParse(node, out var name))
        {
            return false;
        }

        var failures = FailedOn.Read(claim.Annotation(WellKnown.FailedOnAnnotation));
        if (failures.On(name) is not { } failure)
        {
            return false;
        }

        var until = failures.KeptAwayUntil(name);
        return (until > calls.Now && clock.Lasting($"failed {claim.Uid} {node} {failure.Time}", calls.Now) < until - failure.Time)
            || !ReportedRoom.IsThereFor(watches, claim, name);
    }
}
