using LocalPv.Core.Outcomes;
using LocalPv.Fake.Scheduling;

namespace LocalPv.Sim.Checking.Safety;

/// <summary>
/// S20: the extender admits a node only if all unbound claims of the Pod fit there together, each rounded up to whole extents by itself,
/// in what it has heard: the report's free space less the reserve and less what is promised there and not yet in the report.
/// Source: open-local#158, KEP-5925, kubernetes#133121.
/// </summary>
internal sealed class S20AdmittedPodsFit(ExtenderView view)
    : Rule("S20", "A node is admitted only if all claims of the Pod fit there together."), IFollowsExtender
{
    public void OnAnswered(CallExtender call, Outcome<ExtenderAnswer> answer)
    {
        if (!view.IsSingle || !answer.IsDone || answer.Value is not ExtenderAnswer.Filtered { Error.Length: 0 } filtered)
        {
            return;
        }

        var claims = view.ClaimsOf(call.Arguments.Pod);
        if (claims.Count == 0)
        {
            return;
        }

        foreach (var node in filtered.NodeNames ?? [])
        {
            if (view.RoomFor(claims, node) is { } problem)
            {
                Broken($"the extender admits {call.Arguments.Pod.Key} to {node}, but {problem}");
            }
        }
    }
}
