using LocalPv.Core.Outcomes;
using LocalPv.Fake.Scheduling;

namespace LocalPv.Sim.Checking.Safety;

/// <summary>
/// S21: a reservation is counted once for each claim and ends with it: the extender turns a Pod away for want of space only where the
/// space is taken by a volume, by a claim that was sent there, by an offer of the last minute, or by a claim that ended just now.
/// Source: open-local#262, #269.
/// </summary>
internal sealed class S21ReservationsEnd(ExtenderView view)
    : Rule("S21", "Nothing is reserved for a claim that no longer needs it."), IFollowsExtender
{
    public void OnAnswered(CallExtender call, Outcome<ExtenderAnswer> answer)
    {
        if (!view.IsSingle || !answer.IsDone || answer.Value is not ExtenderAnswer.Filtered { Error.Length: 0 } filtered)
        {
            return;
        }

        var claims = view.ClaimsOf(call.Arguments.Pod);
        foreach (var (node, reason) in filtered.FailedAndUnresolvableNodes)
        {
            if (claims.Count > 0 && reason.StartsWith("not enough space", StringComparison.Ordinal)
                && view.SpareFor(claims, node) is { } spare)
            {
                Broken($"the extender turns {call.Arguments.Pod.Key} away from {node} ({reason}), but {spare}");
            }
        }

        view.Offered(claims, filtered.NodeNames ?? []);
    }
}
