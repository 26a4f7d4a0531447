namespace LocalPv.Fake.Scheduling;

/// <summary>
/// The scores that look at other Pods: preferred affinities of both sides (<c>plugins/interpodaffinity/scoring.go</c>), and the
/// constraints on spreading that need not hold, without the weights by number of domains
/// (<c>plugins/podtopologyspread/scoring.go</c>). Each is 0 to 100, with the weight 2.
/// </summary>
internal static class PodScores
{
    private const long ScoreMax = 100;
    private const long Weight = 2;

    // What a term of another Pod that must hold counts for the Pods it is about (HardPodAffinityWeight).
    private const long RequiredTermWeight = 1;

    /// <summary>Adds the weighted scores of each candidate, in their order.</summary>
    public static void Add(long[] scores, PodNeeds pod, IReadOnlyList<NodeState> candidates, ClusterPicture picture)
    {
        var hasOwn = pod.Affinity is { } own && own.LikesNear.Length + own.LikesAway.Length > 0;
        if (hasOwn || picture.WithAffinity.Any())
        {
            AddAffinity(scores, pod, candidates, hasOwn ? picture.Placed : picture.WithAffinity);
        }

        if (pod.Spread.Any(constraint => !constraint.Must))
        {
            AddSpread(scores, pod, candidates, picture);
        }
    }

    private static void AddAffinity(
        long[] scores, PodNeeds pod, IReadOnlyList<NodeState> candidates, IEnumerable<(PodNeeds Pod, NodeState Node)> placed)
    {
        var sums = new DomainCounts();
        foreach (var (existing, node) in placed)
        {
            if (node.Node is null)
            {
                continue;
            }

            AddTerms(sums, pod.Affinity?.LikesNear ?? [], existing, node, 1, 0);
            AddTerms(sums, pod.Affinity?.LikesAway ?? [], existing, node, -1, 0);
            AddTerms(sums, existing.Affinity?.MustBeNear ?? [], pod, node, 1, RequiredTermWeight);
            AddTerms(sums, existing.Affinity?.LikesNear ?? [], pod, node, 1, 0);
            AddTerms(sums, existing.Affinity?.LikesAway ?? [], pod, node, -1, 0);
        }

        var raw = candidates.Select(candidate => sums.SumAt(candidate.Node!)).ToArray();
        var (least, most) = (raw.Min(), raw.Max());
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] += most == least ? 0 : Weight * (ScoreMax * (raw[i] - least) / (most - least));
        }
    }

    private static void AddTerms(
        DomainCounts sums, IEnumerable<AffinityTerm> terms, PodNeeds about, NodeState node, long sign, long fixedWeight)
    {
        foreach (var term in terms)
        {
            if (term.Matches(about.Pod))
            {
                sums.Add(term.TopologyKey, node.Node!, sign * (fixedWeight > 0 ? fixedWeight : term.Weight));
            }
        }
    }

    private static void AddSpread(long[] scores, PodNeeds pod, IReadOnlyList<NodeState> candidates, ClusterPicture picture)
    {
        var raw = new long[scores.Length];
        foreach (var constraint in pod.Spread.Where(constraint => !constraint.Must))
        {
            var counts = new DomainCounts();
            foreach (var (existing, node) in picture.Placed)
            {
                if (node.Node is not null && !existing.Pod.IsBeingDeleted && constraint.Matches(existing.Pod))
                {
                    counts.Note(constraint.TopologyKey, node.Node, 1);
                }
            }

            for (var i = 0; i < raw.Length; i++)
            {
                raw[i] += counts.Of(constraint.TopologyKey, candidates[i].Node!) + constraint.SkewMax - 1;
            }
        }

        var (least, most) = (raw.Min(), raw.Max());
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] += Weight * (most == 0 ? ScoreMax : ScoreMax * (most + least - raw[i]) / most);
        }
    }
}
