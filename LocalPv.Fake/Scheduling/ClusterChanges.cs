using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Scheduling;

/// <summary>
/// Says what a change in the cluster means for the queues and for the sums per node (<c>eventhandlers.go</c>). Pods that have ended count
/// as gone.
/// </summary>
internal sealed class ClusterChanges(SchedulingQueue queue, ClusterPicture picture, string schedulerName)
{
    /// <summary>Takes in one change, which the picture's copies already show.</summary>
    public void TakeIn(Instant now, ObjectChange change)
    {
        if (change.Object is Pod)
        {
            TakeInPod(now, Alive(change.Before), Alive(change.After));
            return;
        }

        if (change is { Before: Node before, After: Node after })
        {
            foreach (var action in PropertyChanges.OfNode(before, after))
            {
                queue.Wake(now, new ClusterEvent(ClusterResource.Node, action, before, after));
            }

            return;
        }

        if (ResourceOf(change.Object) is { } resource)
        {
            var action = change.Before is null ? ClusterAction.Add : change.After is null ? ClusterAction.Delete : ClusterAction.Update;
            queue.Wake(now, new ClusterEvent(resource, action, change.Before, change.After));
        }
    }

    /// <summary>Others may now have the room of this Pod.</summary>
    public void WakeForFreedRoom(Instant now, Pod pod, Func<QueuedPod, bool>? only = null) =>
        queue.Wake(now, new ClusterEvent(ClusterResource.AssignedPod, ClusterAction.Delete, pod, null), only);

    private static ClusterResource? ResourceOf(KubernetesObject changed) => changed.Type.Kind switch
    {
        "Node" => ClusterResource.Node,
        "PersistentVolume" => ClusterResource.PersistentVolume,
        "PersistentVolumeClaim" => ClusterResource.PersistentVolumeClaim,
        "StorageClass" => ClusterResource.StorageClass,
        "CSIStorageCapacity" => ClusterResource.CsiStorageCapacity,
        "CSIDriver" => ClusterResource.CsiDriver,
        _ => null,
    };

    private static Pod? Alive(KubernetesObject? pod) => pod is Pod { Phase: not ("Succeeded" or "Failed") } alive ? alive : null;

    private void TakeInPod(Instant now, Pod? before, Pod? after)
    {
        if (after is null)
        {
            if (before is not null)
            {
                Remove(now, before);
            }
        }
        else if (before is null)
        {
            Add(now, after);
        }
        else if (before.NodeName.Length > 0)
        {
            UpdateAssigned(now, before, after);
        }
        else if (after.NodeName.Length > 0)
        {
            Assign(now, PodNeeds.Read(after));
            queue.Remove(after.Uid);
        }
        else
        {
            UpdateUnscheduled(now, before, after);
        }
    }

    private void Add(Instant now, Pod pod)
    {
        var needs = PodNeeds.Read(pod);
        if (pod.NodeName.Length > 0)
        {
            Assign(now, needs);
        }
        else if (needs.SchedulerName == schedulerName)
        {
            picture.Nominations.Set(needs, needs.NominatedNode);
            queue.Add(now, needs);
        }
    }

    private void Assign(Instant now, PodNeeds pod)
    {
        picture.Nominations.Remove(pod.Pod.Uid);
        picture.Place(pod, pod.Pod.NodeName, assumed: false);
        queue.Wake(now, new ClusterEvent(ClusterResource.AssignedPod, ClusterAction.Add, null, pod.Pod));
    }

    private void UpdateAssigned(Instant now, Pod before, Pod after)
    {
        // A report of the kubelet changes nothing that is counted, and wakes nobody but those who wait for anything.
        if (ReferenceEquals(before.Tree["spec"], after.Tree["spec"]) && !queue.HasUnschedulable)
        {
            return;
        }

        var needs = PodNeeds.Read(after);
        picture.Place(needs, after.NodeName, assumed: false);
        foreach (var action in PropertyChanges.OfPod(PodNeeds.Read(before), needs))
        {
            queue.Wake(now, new ClusterEvent(ClusterResource.AssignedPod, action, before, after));
        }
    }

    private void UpdateUnscheduled(Instant now, Pod before, Pod after)
    {
        if (picture.IsAssumed(after.Uid))
        {
            if (after.IsBeingDeleted && !before.IsBeingDeleted)
            {
                RemoveAssumed(now, after);
            }

            return;
        }

        var needs = PodNeeds.Read(after);
        if (needs.SchedulerName != schedulerName)
        {
            return;
        }

        var old = PodNeeds.Read(before);
        if (old.NominatedNode != needs.NominatedNode || picture.Nominations.NodeOf(after.Uid).Length > 0)
        {
            // An older state may be told after a newer nomination: what was nominated here stays until the API server says another.
            var known = picture.Nominations.NodeOf(after.Uid);
            picture.Nominations.Set(needs, old.NominatedNode == needs.NominatedNode ? known : needs.NominatedNode);
        }

        queue.Update(now, old, needs);
        if (old.NominatedNode.Length > 0 && old.NominatedNode != needs.NominatedNode)
        {
            WakeForFreedRoom(now, before, other => other.Needs.Priority <= old.Priority);
        }
    }

    private void Remove(Instant now, Pod pod)
    {
        if (pod.NodeName.Length > 0)
        {
            if (picture.Unplace(pod.Uid))
            {
                WakeForFreedRoom(now, pod);
            }

            return;
        }

        queue.Remove(pod.Uid);
        picture.Nominations.Remove(pod.Uid);
        var needs = PodNeeds.Read(pod);
        if (picture.IsAssumed(pod.Uid))
        {
            RemoveAssumed(now, pod);
        }
        else if (needs.NominatedNode.Length > 0)
        {
            WakeForFreedRoom(now, pod, other => other.Needs.Priority <= needs.Priority);
        }
    }

    // Its binding goes on, and fails when it finds the Pod gone.
    private void RemoveAssumed(Instant now, Pod pod)
    {
        picture.Unplace(pod.Uid);
        WakeForFreedRoom(now, pod);
    }
}
