using System.Collections.Immutable;
using LocalPv.Core.Kubernetes;

namespace LocalPv.Fake.Scheduling;

/// <summary>
/// The PodTopologySpread filter for one Pod (<c>plugins/podtopologyspread/filtering.go</c>): how many Pods each domain has, for each
/// constraint that must hold.
/// </summary>
internal sealed class SpreadFilter
{
    private const string TooMany = "node(s) didn't match pod topology spread constraints";
    private const string NoLabel = TooMany + " (missing required label)";

    private readonly PodNeeds _pod;
    private readonly ImmutableArray<SpreadConstraint> _constraints;
    private readonly ImmutableArray<DomainCounts> _counts;

    // The fewest Pods in a domain, by constraint; null after a change.
    private readonly long?[] _least;

    /// <summary>A filter that knows the domains of these nodes, and has counted nobody.</summary>
    public SpreadFilter(PodNeeds pod, IEnumerable<NodeState> nodes)
    {
        _pod = pod;
        _constraints = [.. pod.Spread.Where(constraint => constraint.Must)];
        _counts = [.. _constraints.Select(_ => new DomainCounts())];
        _least = new long?[_constraints.Length];
        foreach (var node in nodes)
        {
            for (var i = 0; i < _constraints.Length; i++)
            {
                if (IsCounted(_constraints[i], node))
                {
                    _counts[i].Note(_constraints[i].TopologyKey, node.Node!, 0);
                }
            }
        }
    }

    private SpreadFilter(SpreadFilter other)
    {
        _pod = other._pod;
        _constraints = other._constraints;
        _counts = [.. other._counts.Select(counts => counts.Copy())];
        _least = new long?[_constraints.Length];
    }

    /// <summary>One that counts on by itself.</summary>
    public SpreadFilter Copy() => new(this);

    /// <summary>A Pod is on the node (<paramref name="by"/> 1) or no longer is (-1); Pods that are going do not count.</summary>
    public void Count(PodNeeds existing, NodeState node, int by)
    {
        for (var i = 0; i < _constraints.Length; i++)
        {
            var constraint = _constraints[i];
            if (!existing.Pod.IsBeingDeleted && constraint.Matches(existing.Pod) && IsCounted(constraint, node))
            {
                _counts[i].Note(constraint.TopologyKey, node.Node!, by);
                _least[i] = null;
            }
        }
    }

    /// <summary>Why the node is not for the Pod, or null.</summary>
    public FilterStatus? FirstRejection(Node node)
    {
        for (var i = 0; i < _constraints.Length; i++)
        {
            var constraint = _constraints[i];
            if (node.Label(constraint.TopologyKey) is null)
            {
                return FilterStatus.Of(SchedulerPlugin.PodTopologySpread, true, NoLabel);
            }

            var least = _least[i] ??= _counts[i].LeastOf(constraint.TopologyKey, constraint.DomainsMin);
            var own = constraint.Matches(_pod.Pod) ? 1 : 0;
            if (_counts[i].Of(constraint.TopologyKey, node) + own - least > constraint.SkewMax)
            {
                return FilterStatus.Of(SchedulerPlugin.PodTopologySpread, false, TooMany);
            }
        }

        return null;
    }

    // A node counts for a constraint only if it has the labels of all constraints, and is one the Pod could go to.
    private bool IsCounted(SpreadConstraint constraint, NodeState node) => node.Node is not null
        && _constraints.All(each => node.Node.Label(each.TopologyKey) is not null)
        && (!constraint.HonorsSelector || _pod.Selects(node.Node))
        && (!constraint.HonorsTaints || _pod.FirstUntolerated(node.Taints) is null);
}
