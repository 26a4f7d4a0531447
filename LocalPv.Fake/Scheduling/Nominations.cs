namespace LocalPv.Fake.Scheduling;

/// <summary>
/// Pods that are said to go to a node, because others are being driven away there for them: their room is not given to less important
/// ones (<c>backend/queue/nominator.go</c>).
/// </summary>
internal sealed class Nominations
{
    private readonly SortedDictionary<string, (PodNeeds Pod, string Node)> _byUid = new(StringComparer.Ordinal);

    /// <summary>The node a Pod is to go to; empty for none.</summary>
    public string NodeOf(string podUid) => _byUid.TryGetValue(podUid, out var nominated) ? nominated.Node : "";

    /// <summary>A Pod is to go to a node; to none where <paramref name="node"/> is empty.</summary>
    public void Set(PodNeeds pod, string node)
    {
        if (node.Length == 0)
        {
            _byUid.Remove(pod.Pod.Uid);
        }
        else
        {
            _byUid[pod.Pod.Uid] = (pod, node);
        }
    }

    /// <summary>A Pod is gone, or has a node.</summary>
    public void Remove(string podUid) => _byUid.Remove(podUid);

    /// <summary>The Pods whose room on a node this Pod has to leave: others that are as important or more.</summary>
    public List<PodNeeds> Before(PodNeeds pod, string node)
    {
        var found = new List<PodNeeds>();
        foreach (var (uid, nominated) in _byUid)
        {
            if (nominated.Node == node && nominated.Pod.Priority >= pod.Priority && uid != pod.Pod.Uid)
            {
                found.Add(nominated.Pod);
            }
        }

        return found;
    }

    /// <summary>The Pods that are to go to a node and are less important.</summary>
    public List<PodNeeds> Below(PodNeeds pod, string node) =>
        [.. _byUid.Values.Where(one => one.Node == node && one.Pod.Priority < pod.Priority).Select(one => one.Pod)];
}
