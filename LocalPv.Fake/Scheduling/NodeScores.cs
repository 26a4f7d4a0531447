using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Scheduling;

/// <summary>
/// The in-tree scores, 0 to 100 each, with the weights of the default profile: free resources (1), balance (1), taints (3), preferred
/// affinity (2), spreading of what one controller made (2) where a Pod does not say itself how it is spread, and what looks at other Pods
/// (<see cref="PodScores"/>). Images are not scored.
/// </summary>
internal static class NodeScores
{
    private const long ScoreMax = 100;

    /// <summary>The sum of the weighted scores of each candidate, in their order.</summary>
    public static long[] Of(PodNeeds pod, IReadOnlyList<NodeState> candidates, ClusterPicture picture)
    {
        var scores = new long[candidates.Count];
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] = LeastAllocated(pod, candidates[i]) + Balance(pod, candidates[i]);
        }

        AddNormalized(scores, candidates, 3, true, node => DiscouragingTaints(pod, node));
        if (pod.PreferredTerms is { Count: > 0 } terms)
        {
            AddNormalized(scores, candidates, 2, false, node => PreferredWeight(terms, node.Node!));
        }

        if (pod.Spread.IsEmpty && pod.ControllerUid is { } controller)
        {
            AddSpread(scores, candidates, controller);
        }

        PodScores.Add(scores, pod, candidates, picture);

        return scores;
    }

    private static long LeastAllocated(PodNeeds pod, NodeState node) =>
        (FreeShare(node.NonZeroCpu + pod.NonZeroCpu, node.Allocatable.Cpu)
            + FreeShare(node.NonZeroMemory + pod.NonZeroMemory, node.Allocatable.Memory)) / 2;

    private static long FreeShare(long used, long capacity) =>
        capacity == 0 || used > capacity ? 0 : Share(capacity - used, ScoreMax, capacity);

    // One minus half the difference of the two used shares, which is their standard deviation.
    private static long Balance(PodNeeds pod, NodeState node)
    {
        var cpu = UsedPermille(node.Requested.Cpu + pod.Requests.Cpu, node.Allocatable.Cpu);
        var memory = UsedPermille(node.Requested.Memory + pod.Requests.Memory, node.Allocatable.Memory);
        return (2000 - Math.Abs(cpu - memory)) / 20;
    }

    private static long UsedPermille(long used, long capacity) =>
        capacity == 0 || used >= capacity ? 1000 : Share(used, 1000, capacity);

    // Wide arithmetic is slow, and amounts that need it are rare.
    private static long Share(long part, long scale, long whole) =>
        whole <= long.MaxValue / 1000 ? part * scale / whole : (long)((Int128)part * scale / whole);

    private static long DiscouragingTaints(PodNeeds pod, NodeState node)
    {
        var count = 0;
        foreach (var taint in node.Taints)
        {
            if (taint.Effect == "PreferNoSchedule" && !pod.Tolerates(taint))
            {
                count++;
            }
        }

        return count;
    }

    private static long PreferredWeight(JsonList terms, Node node)
    {
        var weight = 0L;
        foreach (var preferred in terms.Maps())
        {
            if (preferred.Map("preference") is { } term && NodeSelectors.TermMatches(term, node))
            {
                weight += preferred.Number("weight") ?? 0;
            }
        }

        return weight;
    }

    // helper.DefaultNormalizeScore: the largest becomes 100; reversed, the smallest does.
    private static void AddNormalized(
        long[] scores, IReadOnlyList<NodeState> candidates, long weight, bool reversed, Func<NodeState, long> raw)
    {
        var values = new long[scores.Length];
        var most = 0L;
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = raw(candidates[i]);
            most = Math.Max(most, values[i]);
        }

        for (var i = 0; i < values.Length; i++)
        {
            var normalized = most == 0 ? 0 : values[i] * ScoreMax / most;
            var score = reversed ? ScoreMax - normalized : normalized;
            scores[i] += score * weight;
        }
    }

    // PodTopologySpread with its default constraints, on host names only.
    private static void AddSpread(long[] scores, IReadOnlyList<NodeState> candidates, string controller)
    {
        var least = int.MaxValue;
        var most = 0;
        foreach (var node in candidates)
        {
            var pods = node.PodsOf(controller);
            least = Math.Min(least, pods);
            most = Math.Max(most, pods);
        }

        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] += 2 * (most == 0 ? ScoreMax : ScoreMax * (most + least - candidates[i].PodsOf(controller)) / most);
        }
    }
}
