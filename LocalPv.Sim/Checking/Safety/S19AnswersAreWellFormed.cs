using LocalPv.Core.Outcomes;
using LocalPv.Fake.Scheduling;

namespace LocalPv.Sim.Checking.Safety;

/// <summary>
/// S19: the extender answers only about nodes it was asked about, rejects each with a reason and as unresolvable, scores from 0 to 10,
/// gives the same answer to the same question, and writes nothing meanwhile.
/// </summary>
internal sealed class S19AnswersAreWellFormed() : Rule("S19", "The extender's answers are well formed and repeatable."), IFollowsExtender
{
    private const int RepeatedEach = 8;
    private long _asked;

    /// <summary>Asks the same question again at once; null where that is not possible.</summary>
    internal Func<CallExtender, Outcome<ExtenderAnswer>>? Repeat { get; set; }

    public void OnAnswered(CallExtender call, Outcome<ExtenderAnswer> answer)
    {
        switch (answer.IsDone ? answer.Value : null)
        {
            case ExtenderAnswer.Filtered { Error.Length: 0 } filtered:
                Judge(call, filtered);
                if (++_asked % RepeatedEach == 0 && Repeat?.Invoke(call) is { IsDone: true, Value: ExtenderAnswer.Filtered again })
                {
                    var same = (again.NodeNames ?? []).SequenceEqual(filtered.NodeNames ?? []) && again.Error == filtered.Error
                        && again.FailedAndUnresolvableNodes.Keys.SequenceEqual(filtered.FailedAndUnresolvableNodes.Keys);
                    if (!same)
                    {
                        Broken($"the extender gave two answers about Pod {call.Arguments.Pod.Key}: "
                            + $"{string.Join(",", filtered.NodeNames ?? [])} and {string.Join(",", again.NodeNames ?? [])}.");
                    }
                }

                break;
            case ExtenderAnswer.Prioritized scored:
                foreach (var host in scored.Hosts)
                {
                    if (host.Score is < 0 or > 10 || !call.Arguments.CandidateNames.Contains(host.Host))
                    {
                        Broken($"the extender scored {host.Host} with {host.Score}.");
                    }
                }

                break;
            default:
                break;
        }
    }

    private void Judge(CallExtender call, ExtenderAnswer.Filtered filtered)
    {
        var asked = new SortedSet<string>(call.Arguments.CandidateNames, StringComparer.Ordinal);
        var passed = new SortedSet<string>(filtered.NodeNames ?? [], StringComparer.Ordinal);
        if (passed.FirstOrDefault(node => !asked.Contains(node)) is { } stranger)
        {
            Broken($"the extender admits {stranger}, about which it was not asked.");
        }

        if (!filtered.FailedNodes.IsEmpty)
        {
            Broken($"the extender lets preemption be tried on {filtered.FailedNodes.Keys.First()}: that frees no disk.");
        }

        foreach (var (node, reason) in filtered.FailedAndUnresolvableNodes)
        {
            if (reason.Length == 0 || passed.Contains(node) || !asked.Contains(node))
            {
                Broken($"the extender rejects {node} with the reason '{reason}'.");
            }
        }

        if (asked.FirstOrDefault(node => !passed.Contains(node) && !filtered.FailedAndUnresolvableNodes.ContainsKey(node)) is { } forgotten)
        {
            Broken($"the extender says nothing about {forgotten}.");
        }
    }
}
