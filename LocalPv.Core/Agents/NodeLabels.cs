using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Provisioning;

namespace LocalPv.Core.Agents;

/// <summary>
/// Puts the label back that says which node an object of ours belongs to. Agents watch by it: what has lost it is neither reported nor
/// served, and cannot be made again under its name. An agent may not do it itself, since it may write only what carries its node's label.
/// </summary>
internal sealed class NodeLabels(ClusterAgentOptions options, ClusterWatches watches, EventRecorder events, GuardedWrites writes)
{
    internal void Review()
    {
        foreach (var item in watches.Storages.Objects.Values)
        {
            var storage = (NodeLocalStorage)item;
            if (NodeName.TryParse(storage.NodeName, out var node) && StorageClassName.TryParse(storage.StorageClassName, out var name)
                && NodeLocalStorageName.Of(name, node) == storage.Name)
            {
                Mend(storage, node);
            }
        }

        // One that names another node may be of a node that had another name: its group says whose it is, and is left to a person.
        foreach (var item in watches.Volumes.Objects.Values)
        {
            var volume = (PersistentVolume)item;
            if (volume.Label(WellKnown.NodeLabel) is null && IsOurs(volume) && NodeOf(volume) is { } node)
            {
                Mend(volume, node);
            }
        }

        // Its agent makes another at once.
        foreach (var item in watches.Capacities?.Objects.Values ?? ArraySegment<KubernetesObject>.Empty)
        {
            if (watches.Storages.Find(ObjectKey.ClusterScoped(item.Name)) is { } storage && storage.Label(WellKnown.NodeLabel) is { } label
                && item.Label(WellKnown.NodeLabel) != label && writes.IsReady(item))
            {
                writes.Begin(
                    item, [], _ => new ClusterRequest.Delete(item.Type, item.Key, item.Uid, item.ResourceVersion), _ => { });
            }
        }
    }

    // Whoever takes the label off may take the finalizer off too.
    private bool IsOurs(PersistentVolume volume) => volume.HasFinalizer(WellKnown.LogicalVolumeFinalizer)
        || (volume.ProvisionedBy == options.Provisioner && VolumeMachine.UidOf(volume.Name) is not null);

    private NodeName? NodeOf(PersistentVolume volume)
    {
        var there = watches.Nodes.Objects.Values.OfType<Node>().Where(node => node.HostName == volume.HostName).Take(2).ToArray();
        return there.Length == 1 && NodeName.TryParse(there[0].Name, out var name) ? name : null;
    }

    private void Mend(KubernetesObject target, NodeName node)
    {
        var label = NodeLabel.Of(node);
        if (target.Label(WellKnown.NodeLabel) == label || !writes.IsReady(target))
        {
            return;
        }

        writes.Begin(target, [new(target.Type, target.Key)], found => Labelled(target, label, found[0]), outcome =>
        {
            if (outcome.IsDone)
            {
                events.Warning(
                    target,
                    "NodeLabelRestored",
                    $"The label {WellKnown.NodeLabel} was not {label}, so that the agent of node {node} did not see the object. "
                        + $"{options.Identity} has put it back: leave it as it is.");
            }
        });
    }

    private static ClusterRequest.Patch? Labelled(KubernetesObject target, string label, KubernetesObject? found) =>
        found is { } current && current.Uid == target.Uid && current.Label(WellKnown.NodeLabel) != label
            ? new ClusterRequest.Patch(current.Type, current.Key, GuardedWrites.Guarded(
                current, ("labels", JsonMap.Of((WellKnown.NodeLabel, label)))))
            : null;
}
