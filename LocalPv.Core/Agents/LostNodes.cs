using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;
using LocalPv.Core.Provisioning;

namespace LocalPv.Core.Agents;

/// <summary>
/// Removes what nodes that were deleted have left behind, so that nothing stays Terminating for ever. Only the deletion of the Node object,
/// or an administrator's annotation on it, counts; a node that is merely silent loses nothing. Data is never touched from here: should the
/// disks come back, the node's agent finds logical volumes without a claim. A volume with the policy Retain goes only when it is annotated
/// itself.
/// </summary>
internal sealed class LostNodes(
    Calls calls, ClusterAgentOptions options, ClusterWatches watches, EventRecorder events, GuardedWrites writes)
{
    internal long Removed { get; private set; }

    internal void Review(AbsenceClock clock)
    {
        foreach (var item in watches.Storages.Objects.Values)
        {
            var storage = (NodeLocalStorage)item;
            if (IsLost(storage.NodeName, clock) && writes.IsReady(storage))
            {
                Remove(storage, storage.NodeName, WellKnown.VolumeGroupFinalizer);
            }
        }

        foreach (var item in watches.Volumes.Objects.Values)
        {
            var volume = (PersistentVolume)item;
            if (IsOver(volume) && NodeOf(volume) is { Length: > 0 } node && IsLost(node, clock) && writes.IsReady(volume))
            {
                Remove(volume, node, WellKnown.LogicalVolumeFinalizer);
            }
        }

        foreach (var item in watches.Capacities?.Objects.Values ?? ArraySegment<KubernetesObject>.Empty)
        {
            if (watches.Storages.Find(ObjectKey.ClusterScoped(item.Name)) is null && writes.IsReady(item)
                && clock.Lasting("capacity " + item.Uid, calls.Now) >= options.NodeGoneGrace)
            {
                writes.Begin(item, [], _ => Deletion(item), outcome => Count(outcome.IsDone));
            }
        }
    }

    private static bool IsOver(PersistentVolume volume) =>
        (volume.Phase == "Released" && volume.ReclaimPolicy == "Delete")
        || (volume.IsBeingDeleted && volume.Phase != "Bound" && volume.IsDeclaredLost);

    private static ClusterRequest.Delete Deletion(KubernetesObject target) =>
        new(target.Type, target.Key, target.Uid, target.ResourceVersion);

    // The affinity names the node's host label, which is its name nearly everywhere; our label holds the name, or a hash of a long one.
    private string NodeOf(PersistentVolume volume)
    {
        var host = volume.HostName ?? "";
        var label = volume.Label(WellKnown.NodeLabel) ?? host;
        foreach (var item in watches.Nodes.Objects.Values)
        {
            if (((Node)item).HostName == host || (NodeName.TryParse(item.Name, out var name) && NodeLabel.Of(name) == label))
            {
                return item.Name;
            }
        }

        return label;
    }

    private bool IsLost(string node, AbsenceClock clock) => watches.Node(node) is { } known
        ? known.IsDeclaredLost
        : clock.Lasting("node " + node, calls.Now) >= options.NodeLostAfter;

    private void Remove(KubernetesObject target, string node, string finalizer)
    {
        ClusterRequest.Get[] reads =
            [new(ResourceTypes.Nodes, ObjectKey.ClusterScoped(node)), new(target.Type, target.Key)];
        writes.Begin(target, reads, found => Removal(target, finalizer, found), outcome =>
        {
            Count(outcome.IsDone);
            if (outcome.IsDone)
            {
                events.Warning(target, "NodeLost", $"The node {node} is gone for good: the object is removed, its disks are not touched.");
            }
        });
    }

    private static ClusterRequest? Removal(KubernetesObject target, string finalizer, KubernetesObject?[] found)
    {
        if (found[0] is { IsDeclaredLost: false } || found[1] is not { } current || current.Uid != target.Uid
            || (current is PersistentVolume volume && !IsOver(volume)))
        {
            return null;
        }

        return !current.IsBeingDeleted ? Deletion(current)
            : current.HasFinalizer(finalizer) ? GuardedWrites.WithoutFinalizer(current, finalizer)
            : null;
    }

    private void Count(bool done) => Removed += done ? 1 : 0;
}
