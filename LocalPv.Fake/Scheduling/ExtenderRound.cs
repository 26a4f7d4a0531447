using System.Collections.Immutable;
using LocalPv.Core.Agents;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Scheduling;

/// <summary>
/// One question to one extender (filter) or to several at once (prioritize), and what to make of the answers (<c>extender.go</c>).
/// </summary>
internal sealed class ExtenderRound(PodNeeds pod, SchedulingContext context)
{
    // Scores of extenders are 0 to 10, those of plugins 0 to 100.
    private const long ScoreScale = 10;

    private readonly List<Asked> _asked = [];

    /// <summary>What was asked.</summary>
    public ExtenderVerb Verb { get; private set; }

    /// <summary>Whether all have answered or were given up.</summary>
    public bool IsComplete => _asked.TrueForAll(one => one.Outcome is not null);

    /// <summary>When the first that has not answered is given up.</summary>
    public Instant Deadline
    {
        get
        {
            var earliest = Instant.Never;
            foreach (var one in _asked)
            {
                earliest = one.Outcome is null ? Instant.Min(earliest, one.Deadline) : earliest;
            }

            return earliest;
        }
    }

    /// <summary>Asks.</summary>
    public void Ask(
        Instant now,
        ExtenderVerb verb,
        ImmutableArray<ExtenderSettings> extenders,
        List<NodeState> candidates,
        ImmutableArray<Effect>.Builder effects)
    {
        Verb = verb;
        _asked.Clear();
        foreach (var extender in extenders)
        {
            var one = new Asked(context.Numbers.Next(), extender, now + extender.Timeout);
            _asked.Add(one);
            effects.Add(new CallExtender(one.Call, extender, verb, ArgumentsFor(extender, candidates)));
        }
    }

    /// <summary>There is nobody to ask for scores.</summary>
    public void AskNobody()
    {
        Verb = ExtenderVerb.Prioritize;
        _asked.Clear();
    }

    /// <summary>Takes in an answer; false where it was not waited for (any more).</summary>
    public bool TakeIn(long call, Outcome<ExtenderAnswer> outcome)
    {
        var one = _asked.Find(each => each.Call == call && each.Outcome is null);
        if (one is null)
        {
            return false;
        }

        one.Outcome = outcome;
        return true;
    }

    /// <summary>Those that are late have failed.</summary>
    public void GiveUp(Instant now)
    {
        foreach (var one in _asked.Where(each => each.Outcome is null && each.Deadline <= now))
        {
            one.Outcome = ExtenderWire.TimedOut(one.Extender, Verb);
        }
    }

    /// <summary>
    /// Reads the answer to a filter call: the candidates that are <paramref name="left"/>, the reasons for the others. Answers with the
    /// error where there is one, and null otherwise.
    /// </summary>
    public string? TakeFiltered(ExtenderSettings extender, List<NodeState> candidates, Diagnosis diagnosis, out List<NodeState> left)
    {
        left = [];
        var outcome = _asked[0].Outcome!;
        if (!outcome.TryGetValue(out var answer) || answer is not ExtenderAnswer.Filtered filtered)
        {
            return outcome.IsDone ? "the extender answered a filter call with scores" : outcome.Message;
        }

        if (filtered.Error.Length > 0)
        {
            return filtered.Error;
        }

        if (ReadCandidates(extender, candidates, filtered, left) is { } error)
        {
            return error;
        }

        foreach (var (node, reason) in filtered.FailedAndUnresolvableNodes)
        {
            diagnosis.RejectByExtender(node, true, reason);
        }

        foreach (var (node, reason) in filtered.FailedNodes)
        {
            if (!filtered.FailedAndUnresolvableNodes.ContainsKey(node))
            {
                diagnosis.RejectByExtender(node, false, reason);
            }
        }

        return null;
    }

    /// <summary>Adds the weighted scores of those that answered a prioritize call; errors count as no scores.</summary>
    public void AddScores(List<NodeState> candidates, long[] scores)
    {
        foreach (var one in _asked)
        {
            if (one.Outcome is null || !one.Outcome.TryGetValue(out var answer) || answer is not ExtenderAnswer.Prioritized prioritized)
            {
                continue;
            }

            if (IsInOrder(prioritized.Hosts, candidates))
            {
                for (var i = 0; i < scores.Length; i++)
                {
                    scores[i] = unchecked(scores[i] + (prioritized.Hosts[i].Score * one.Extender.Weight * ScoreScale));
                }

                continue;
            }

            var byHost = new Dictionary<string, long>(StringComparer.Ordinal);
            foreach (var host in prioritized.Hosts)
            {
                byHost[host.Host] = unchecked(byHost.GetValueOrDefault(host.Host) + (host.Score * one.Extender.Weight * ScoreScale));
            }

            for (var i = 0; i < scores.Length; i++)
            {
                scores[i] = unchecked(scores[i] + byHost.GetValueOrDefault(candidates[i].Name));
            }
        }
    }

    // Most extenders answer for what they were asked, in that order.
    private static bool IsInOrder(ImmutableArray<HostPriority> hosts, List<NodeState> candidates)
    {
        for (var i = 0; i < candidates.Count; i++)
        {
            if (hosts.Length != candidates.Count || hosts[i].Host != candidates[i].Name)
            {
                return false;
            }
        }

        return true;
    }

    private static int IndexOf(List<NodeState> candidates, string name, int from)
    {
        for (var i = from; i < candidates.Count; i++)
        {
            if (candidates[i].Name == name)
            {
                return i;
            }
        }

        return -1;
    }

    // With a node cache, names win over objects; without one names mean nothing, and objects are taken as they come: known or not, and
    // with nothing on them, which is why the scheduler's own scores are blind then.
    private static string? ReadCandidates(
        ExtenderSettings extender, List<NodeState> candidates, ExtenderAnswer.Filtered filtered, List<NodeState> left)
    {
        if (extender.NodeCacheCapable && filtered.NodeNames is { } names)
        {
            // Most extenders keep the order of what they were asked.
            left.EnsureCapacity(names.Length);
            var next = 0;
            foreach (var name in names)
            {
                var known = IndexOf(candidates, name, next);
                known = known >= 0 ? known : IndexOf(candidates, name, 0);
                if (known < 0)
                {
                    return $"extender \"{extender.UrlPrefix}\" claims a filtered node \"{name}\" which is not found in the input node list";
                }

                left.Add(candidates[known]);
                next = known + 1;
            }
        }
        else if (filtered.Nodes is { } nodes)
        {
            left.AddRange(nodes.Select(NodeState.Blank));
        }

        return null;
    }

    private ExtenderArguments ArgumentsFor(ExtenderSettings extender, List<NodeState> candidates) => extender.NodeCacheCapable
        ? new ExtenderArguments(pod.Pod, [.. candidates.Select(node => node.Name)], null)
        : new ExtenderArguments(pod.Pod, null, [.. candidates.Select(node => node.Node!)]);

    private sealed class Asked(long call, ExtenderSettings extender, Instant deadline)
    {
        public long Call { get; } = call;

        public ExtenderSettings Extender { get; } = extender;

        public Instant Deadline { get; } = deadline;

        public Outcome<ExtenderAnswer>? Outcome { get; set; }
    }
}
