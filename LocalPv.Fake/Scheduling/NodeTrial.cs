namespace LocalPv.Fake.Scheduling;

/// <summary>
/// The in-tree filters for one Pod on one node, with Pods taken away or added to see what would be then. The cluster itself stays as it is.
/// </summary>
internal sealed class NodeTrial
{
    private readonly PodNeeds _pod;
    private readonly PodClaims _claims;
    private readonly VolumeBinder _binder;
    private readonly NodeState _node;
    private readonly PodRelations _relations;

    /// <summary>Begins with the node as it is.</summary>
    public NodeTrial(PodNeeds pod, PodClaims claims, VolumeBinder binder, NodeState node, PodRelations relations)
    {
        _pod = pod;
        _claims = claims;
        _binder = binder;
        _node = node.Copy();
        _relations = relations.Copy();
    }

    /// <summary>As if a Pod were on the node.</summary>
    public void Add(PodNeeds other)
    {
        _node.Add(other);
        _relations.Count(other, _node, 1);
    }

    /// <summary>As if a Pod had left the node.</summary>
    public void Remove(PodNeeds other)
    {
        _node.Remove(other);
        _relations.Count(other, _node, -1);
    }

    /// <summary>Why the node is then not for the Pod, or null.</summary>
    public FilterStatus? FirstRejection() => FirstRejection(_pod, _claims, _binder, _node, _relations, out _);

    /// <summary>Runs the filters in the order of the default profile.</summary>
    public static FilterStatus? FirstRejection(
        PodNeeds pod, PodClaims claims, VolumeBinder binder, NodeState node, PodRelations relations, out PodVolumes? volumes)
    {
        volumes = null;
        var rejection = NodeFilters.FirstRejection(pod, node) ?? relations.FirstRejectionByClaims();
        if (rejection is null && pod.Claims.Length > 0)
        {
            volumes = binder.Find(claims, node.Node!, out rejection);
        }

        return rejection ?? relations.FirstRejection(node.Node!);
    }
}
