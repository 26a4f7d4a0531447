using LocalPv.Core.Kubernetes;

namespace LocalPv.Fake.Scheduling;

/// <summary>
/// What the Pods that are there mean for one that is not: the filters that look at other Pods, counted once for a scheduling cycle.
/// </summary>
internal sealed class PodRelations
{
    private readonly SpreadFilter? _spread;
    private readonly AffinityFilter? _affinity;
    private readonly ExclusiveClaims? _exclusive;

    private PodRelations(SpreadFilter? spread, AffinityFilter? affinity, ExclusiveClaims? exclusive)
    {
        _spread = spread;
        _affinity = affinity;
        _exclusive = exclusive;
    }

    /// <summary>Counts the Pods of the cluster; costs nothing where nobody has a wish about others.</summary>
    public static PodRelations Of(PodNeeds pod, ClusterPicture picture)
    {
        var spread = pod.Spread.Any(constraint => constraint.Must) ? new SpreadFilter(pod, picture.Nodes) : null;
        var asksItself = pod.Affinity is { Requires: true };
        var affinity = asksItself || picture.WithAffinity.Any() ? new AffinityFilter(pod) : null;
        var exclusive = ExclusiveClaims.Of(pod, picture);
        var relations = new PodRelations(spread, affinity, exclusive);
        if (spread is null && affinity is null && exclusive is null)
        {
            return relations;
        }

        // Where the Pod itself has no wish, only those that have one matter.
        foreach (var (existing, node) in spread is not null || asksItself || exclusive is not null
            ? picture.Placed
            : picture.WithAffinity)
        {
            relations.Count(existing, node, 1);
        }

        return relations;
    }

    /// <summary>One that counts on by itself.</summary>
    public PodRelations Copy() => new(_spread?.Copy(), _affinity?.Copy(), _exclusive?.Copy());

    /// <summary>A Pod is on the node (<paramref name="by"/> 1) or no longer is (-1).</summary>
    public void Count(PodNeeds existing, NodeState node, int by)
    {
        _exclusive?.Count(existing, by);
        if (node.Node is not null)
        {
            _spread?.Count(existing, node, by);
            _affinity?.Count(existing, node.Node, by);
        }
    }

    /// <summary>Why no node is for the Pod: somebody uses a claim that it must have for itself; or null.</summary>
    public FilterStatus? FirstRejectionByClaims() => _exclusive?.FirstRejection();

    /// <summary>Why the node is not for the Pod, or null.</summary>
    public FilterStatus? FirstRejection(Node node) => _spread?.FirstRejection(node) ?? _affinity?.FirstRejection(node);
}
