using System.Collections.Immutable;

namespace LocalPv.Fake.Scheduling;

/// <summary>The filters that look at a node without its volumes, in the order of the default profile.</summary>
internal static class NodeFilters
{
    /// <summary>Why the node is not for the Pod, or null.</summary>
    public static FilterStatus? FirstRejection(PodNeeds pod, NodeState node)
    {
        if (node.Node!.Unschedulable && !pod.Tolerates(Taint.Cordoned))
        {
            return FilterStatus.Of(SchedulerPlugin.NodeUnschedulable, true, "node(s) were unschedulable");
        }

        if (node.Taints.Length > 0 && pod.FirstUntolerated(node.Taints) is not null)
        {
            return FilterStatus.Of(SchedulerPlugin.TaintToleration, true, "node(s) had untolerated taint(s)");
        }

        if (!pod.Selects(node.Node))
        {
            return FilterStatus.Of(SchedulerPlugin.NodeAffinity, true, "node(s) didn't match Pod's node affinity/selector");
        }

        return Fits(pod, node) ? null : Shortage(pod, node);
    }

    private static bool Fits(PodNeeds pod, NodeState node)
    {
        var requests = pod.Requests;
        if (node.PodCount + 1 > node.PodsMax
            || (requests.Cpu > 0 && requests.Cpu > node.Allocatable.Cpu - node.Requested.Cpu)
            || (requests.Memory > 0 && requests.Memory > node.Allocatable.Memory - node.Requested.Memory))
        {
            return false;
        }

        return requests.Others.IsEmpty || requests.Others.All(other => HasRoom(node, other.Key, other.Value));
    }

    private static bool HasRoom(NodeState node, string resource, long amount) => amount == 0
        || amount <= node.Allocatable.Others.GetValueOrDefault(resource) - node.Requested.Others.GetValueOrDefault(resource);

    private static FilterStatus Shortage(PodNeeds pod, NodeState node)
    {
        var reasons = ImmutableArray.CreateBuilder<string>();
        var requests = pod.Requests;
        var unresolvable = false;
        if (node.PodCount + 1 > node.PodsMax)
        {
            reasons.Add("Too many pods");
        }

        if (requests.Cpu > 0 && requests.Cpu > node.Allocatable.Cpu - node.Requested.Cpu)
        {
            reasons.Add("Insufficient cpu");
            unresolvable |= requests.Cpu > node.Allocatable.Cpu;
        }

        if (requests.Memory > 0 && requests.Memory > node.Allocatable.Memory - node.Requested.Memory)
        {
            reasons.Add("Insufficient memory");
            unresolvable |= requests.Memory > node.Allocatable.Memory;
        }

        foreach (var (resource, amount) in requests.Others)
        {
            if (!HasRoom(node, resource, amount))
            {
                reasons.Add($"Insufficient {resource}");
                unresolvable |= amount > node.Allocatable.Others.GetValueOrDefault(resource);
            }
        }

        return new FilterStatus(unresolvable, reasons.ToImmutable(), SchedulerPlugin.NodeResourcesFit);
    }
}
