using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Scheduling;

/// <summary>
/// Which scheduling properties differ between two versions of an object
/// (<c>NodeSchedulingPropertiesChange</c>, <c>PodSchedulingPropertiesChange</c>).
/// </summary>
internal static class PropertyChanges
{
    /// <summary>The changes of a node that may matter; a heartbeat is none.</summary>
    public static IEnumerable<ClusterAction> OfNode(Node before, Node after)
    {
        if (before.Unschedulable && !after.Unschedulable)
        {
            yield return ClusterAction.NodeTaint;
        }

        if (!Same(before.Tree.At("status", "allocatable"), after.Tree.At("status", "allocatable")))
        {
            yield return ClusterAction.NodeAllocatable;
        }

        if (!Same(before.Labels, after.Labels))
        {
            yield return ClusterAction.NodeLabel;
        }

        if (!Same(before.Tree.At("spec", "taints"), after.Tree.At("spec", "taints")))
        {
            yield return ClusterAction.NodeTaint;
        }

        if (!Conditions(before).SequenceEqual(Conditions(after)))
        {
            yield return ClusterAction.NodeCondition;
        }

        if (!Same(before.Annotations, after.Annotations))
        {
            yield return ClusterAction.NodeAnnotation;
        }
    }

    /// <summary>The changes of a Pod; where none is known by name, one that only those who wait for anything take notice of.</summary>
    public static IEnumerable<ClusterAction> OfPod(PodNeeds before, PodNeeds after)
    {
        var found = false;
        if (!Same(before.Pod.Labels, after.Pod.Labels))
        {
            found = true;
            yield return ClusterAction.PodLabel;
        }

        if (after.Requests.Cpu < before.Requests.Cpu || after.Requests.Memory < before.Requests.Memory)
        {
            found = true;
            yield return ClusterAction.PodScaleDown;
        }

        if (before.IsGated && !after.IsGated)
        {
            found = true;
            yield return ClusterAction.PodGates;
        }

        if (before.Tolerations.Length != after.Tolerations.Length)
        {
            found = true;
            yield return ClusterAction.PodToleration;
        }

        if (!found)
        {
            yield return ClusterAction.PodOther;
        }
    }

    private static bool Same(JsonTree? a, JsonTree? b) => a is null ? b is null : a.Equals(b);

    private static IEnumerable<(string? Type, string? Status)> Conditions(Node node) =>
        ((node.Tree.At("status", "conditions") as JsonList)?.Maps() ?? [])
        .Select(condition => (condition.Text("type"), condition.Text("status")));
}
