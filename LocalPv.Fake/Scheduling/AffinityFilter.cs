using LocalPv.Core.Kubernetes;

namespace LocalPv.Fake.Scheduling;

/// <summary>
/// The InterPodAffinity filter for one Pod (<c>plugins/interpodaffinity/filtering.go</c>): how many of the Pods that are there match its
/// terms, and how many have a term against it, in each domain of nodes.
/// </summary>
internal sealed class AffinityFilter
{
    private const string NotNear = "node(s) didn't match pod affinity rules";
    private const string NotAway = "node(s) didn't match pod anti-affinity rules";
    private const string Unwanted = "node(s) didn't satisfy existing pods anti-affinity rules";

    private readonly PodNeeds _pod;
    private readonly DomainCounts _near;
    private readonly DomainCounts _away;
    private readonly DomainCounts _unwanted;

    /// <summary>A filter that has counted nobody.</summary>
    public AffinityFilter(PodNeeds pod)
        : this(pod, new DomainCounts(), new DomainCounts(), new DomainCounts())
    {
    }

    private AffinityFilter(PodNeeds pod, DomainCounts near, DomainCounts away, DomainCounts unwanted)
    {
        _pod = pod;
        _near = near;
        _away = away;
        _unwanted = unwanted;
    }

    /// <summary>One that counts on by itself.</summary>
    public AffinityFilter Copy() => new(_pod, _near.Copy(), _away.Copy(), _unwanted.Copy());

    /// <summary>A Pod is on the node (<paramref name="by"/> 1) or no longer is (-1).</summary>
    public void Count(PodNeeds existing, Node node, int by)
    {
        if (_pod.Affinity is { } own)
        {
            if (own.IsNearTo(existing.Pod))
            {
                foreach (var term in own.MustBeNear)
                {
                    _near.Add(term.TopologyKey, node, by);
                }
            }

            foreach (var term in own.MustBeAway)
            {
                if (term.Matches(existing.Pod))
                {
                    _away.Add(term.TopologyKey, node, by);
                }
            }
        }

        foreach (var term in existing.Affinity?.MustBeAway ?? [])
        {
            if (term.Matches(_pod.Pod))
            {
                _unwanted.Add(term.TopologyKey, node, by);
            }
        }
    }

    /// <summary>Why the node is not for the Pod, or null.</summary>
    public FilterStatus? FirstRejection(Node node)
    {
        if (_pod.Affinity is { } own)
        {
            if (!IsNear(own, node))
            {
                return FilterStatus.Of(SchedulerPlugin.InterPodAffinity, true, NotNear);
            }

            if (own.MustBeAway.Any(term => _away.Of(term.TopologyKey, node) > 0))
            {
                return FilterStatus.Of(SchedulerPlugin.InterPodAffinity, false, NotAway);
            }
        }

        return _unwanted.SumAt(node) > 0 ? FilterStatus.Of(SchedulerPlugin.InterPodAffinity, false, Unwanted) : null;
    }

    // The first of a group that wants to be together has nobody to be near to: it may go anywhere if it belongs to the group itself.
    private bool IsNear(PodAffinity own, Node node)
    {
        var isTogether = true;
        foreach (var term in own.MustBeNear)
        {
            if (node.Label(term.TopologyKey) is null)
            {
                return false;
            }

            isTogether &= _near.Of(term.TopologyKey, node) > 0;
        }

        return isTogether || (_near.IsEmpty && own.IsNearTo(_pod.Pod));
    }
}
