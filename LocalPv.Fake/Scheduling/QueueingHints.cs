using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Scheduling;

/// <summary>
/// Which events make it worth trying a Pod again, by who turned it away (the plugins' <c>EventsToRegister</c> and their hints). A Pod that
/// an extender turned away is woken by every event the scheduler registers for at all.
/// </summary>
internal static class QueueingHints
{
    /// <summary>Whether the event may change the answer that some rejector of the Pod gave. Without rejectors any event may.</summary>
    public static bool IsWorthTrying(QueuedPod pod, ClusterEvent happened)
    {
        var rejectors = pod.Rejectors;
        if (rejectors == SchedulerPlugin.SchedulingGates)
        {
            return happened is { Resource: ClusterResource.UnscheduledPod, Action: ClusterAction.PodGates };
        }

        return rejectors == SchedulerPlugin.None
            || rejectors.HasFlag(SchedulerPlugin.Extender)
            || (rejectors.HasFlag(SchedulerPlugin.NodeUnschedulable) && ForCordon(pod.Needs, happened))
            || (rejectors.HasFlag(SchedulerPlugin.TaintToleration) && ForTaints(pod.Needs, happened))
            || (rejectors.HasFlag(SchedulerPlugin.NodeAffinity) && ForAffinity(pod.Needs, happened))
            || (rejectors.HasFlag(SchedulerPlugin.NodeResourcesFit) && ForResources(pod.Needs, happened))
            || (rejectors.HasFlag(SchedulerPlugin.VolumeRestrictions) && ForClaims(pod.Needs, happened))
            || (rejectors.HasFlag(SchedulerPlugin.VolumeBinding) && ForVolumes(pod.Needs, happened))
            || (rejectors.HasFlag(SchedulerPlugin.PodTopologySpread) && ForSpread(pod.Needs, happened))
            || (rejectors.HasFlag(SchedulerPlugin.InterPodAffinity) && ForPods(pod.Needs, happened));
    }

    private static bool ForCordon(PodNeeds pod, ClusterEvent happened) => happened switch
    {
        { Resource: ClusterResource.UnscheduledPod, Action: ClusterAction.PodToleration } => pod.Tolerates(Taint.Cordoned),
        { Resource: ClusterResource.Node, After: Node { Unschedulable: false } } =>
            happened.Action is ClusterAction.Add
            || (happened.Action == ClusterAction.NodeTaint && happened.Before is Node { Unschedulable: true }),
        _ => false,
    };

    private static bool ForTaints(PodNeeds pod, ClusterEvent happened) => happened switch
    {
        { Resource: ClusterResource.UnscheduledPod, Action: ClusterAction.PodToleration } => true,
        { Resource: ClusterResource.Node, Action: ClusterAction.Add or ClusterAction.NodeTaint, After: Node after } =>
            pod.FirstUntolerated(Taint.ReadAll(after.Tree)) is null
            && (happened.Before is not Node before || pod.FirstUntolerated(Taint.ReadAll(before.Tree)) is not null),
        _ => false,
    };

    private static bool ForAffinity(PodNeeds pod, ClusterEvent happened) =>
        happened is { Resource: ClusterResource.Node, Action: ClusterAction.Add or ClusterAction.NodeLabel, After: Node after }
        && pod.Selects(after)
        && (happened.Before is not Node before || !pod.Selects(before));

    private static bool ForResources(PodNeeds pod, ClusterEvent happened) => happened switch
    {
        { Resource: ClusterResource.AssignedPod, Action: ClusterAction.Delete or ClusterAction.PodScaleDown } => true,
        { Resource: ClusterResource.UnscheduledPod, Action: ClusterAction.PodScaleDown } => true,
        { Resource: ClusterResource.Node, Action: ClusterAction.Add or ClusterAction.NodeAllocatable, After: Node after } =>
            FitsEmpty(pod, after),
        _ => false,
    };

    private static bool ForSpread(PodNeeds pod, ClusterEvent happened) => happened switch
    {
        { Resource: ClusterResource.Node, Action: ClusterAction.Add or ClusterAction.Delete or ClusterAction.NodeLabel } => true,
        { Resource: ClusterResource.Node, Action: ClusterAction.NodeTaint } => pod.Spread.Any(constraint => constraint.HonorsTaints),
        { Resource: ClusterResource.UnscheduledPod, Action: ClusterAction.PodLabel } => true,
        { Resource: ClusterResource.AssignedPod, Action: ClusterAction.Add or ClusterAction.Delete or ClusterAction.PodLabel } =>
            IsAbout(happened, other => pod.Spread.Any(constraint => constraint.Matches(other))),
        _ => false,
    };

    private static bool ForPods(PodNeeds pod, ClusterEvent happened) => happened switch
    {
        { Resource: ClusterResource.Node, Action: ClusterAction.Add or ClusterAction.NodeLabel } => true,
        { Resource: ClusterResource.UnscheduledPod, Action: ClusterAction.PodLabel } => true,

        // Somebody to be near to has come, or somebody to be away from has gone, on whichever side the wish is.
        { Resource: ClusterResource.AssignedPod, Action: ClusterAction.Add } =>
            IsAbout(happened, other => pod.Affinity?.IsNearTo(other) == true),
        { Resource: ClusterResource.AssignedPod, Action: ClusterAction.Delete } =>
            IsAbout(happened, other => IsApart(pod, other)),
        { Resource: ClusterResource.AssignedPod, Action: ClusterAction.PodLabel } =>
            IsAbout(happened, other => pod.Affinity?.IsNearTo(other) == true || IsApart(pod, other)),
        _ => false,
    };

    private static bool IsApart(PodNeeds pod, Pod other) =>
        pod.Affinity?.MustBeAway.Any(term => term.Matches(other)) == true
        || PodNeeds.Read(other).Affinity?.MustBeAway.Any(term => term.Matches(pod.Pod)) == true;

    private static bool IsAbout(ClusterEvent happened, Func<Pod, bool> matters) =>
        (happened.Before is Pod before && matters(before)) || (happened.After is Pod after && matters(after));

    private static bool FitsEmpty(PodNeeds pod, Node node)
    {
        var allocatable = ResourceAmounts.Read(node.Tree.At("status", "allocatable") as JsonMap);
        return pod.Requests.Cpu <= allocatable.Cpu && pod.Requests.Memory <= allocatable.Memory;
    }

    private static bool ForClaims(PodNeeds pod, ClusterEvent happened) => happened switch
    {
        { Resource: ClusterResource.PersistentVolumeClaim, Action: not ClusterAction.Delete, After: { } claim } => Uses(pod, claim.Key),
        { Resource: ClusterResource.AssignedPod, Action: ClusterAction.Delete } => true,
        _ => false,
    };

    private static bool ForVolumes(PodNeeds pod, ClusterEvent happened) => happened switch
    {
        { Action: ClusterAction.Delete } => false,
        { Resource: ClusterResource.StorageClass } =>
            happened.Before is null || !Equals(happened.Before.Tree["allowedTopologies"], happened.After!.Tree["allowedTopologies"]),
        { Resource: ClusterResource.PersistentVolumeClaim, After: { } claim } => Uses(pod, claim.Key),
        { Resource: ClusterResource.PersistentVolume } => true,
        { Resource: ClusterResource.Node } => happened.Action is ClusterAction.Add or ClusterAction.NodeLabel,
        { Resource: ClusterResource.CsiStorageCapacity, After: { } after } =>
            happened.Before is null || CapacityIndex.LimitOf(after) > (CapacityIndex.LimitOf(happened.Before) ?? -1),

        // A driver's change wakes only Pods with inline volumes of that driver, which these Pods are not.
        _ => false,
    };

    private static bool Uses(PodNeeds pod, ObjectKey claim)
    {
        foreach (var use in pod.Claims)
        {
            if (use.Key == claim)
            {
                return true;
            }
        }

        return false;
    }
}
