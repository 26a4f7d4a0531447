using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;

namespace LocalPv.Core.Agents;

/// <summary>What a driver tells an agent whose effect had no answer in time. One judgement for every driver.</summary>
public static class EffectTimeout
{
    /// <summary>The time limit of an effect, or null where it has none.</summary>
    public static TimeSpan? LimitOf(Effect effect) => effect switch
    {
        Effect.CallCluster call => call.Timeout,
        Effect.CallStorage call => call.Timeout,
        _ => null,
    };

    /// <summary>What a request to the API server comes to that has no answer in time: a write may have happened.</summary>
    public static OutcomeKind KindOf(ClusterRequest request) => request.IsWrite ? OutcomeKind.InDoubt : OutcomeKind.Unavailable;

    /// <summary>
    /// The event that answers an effect whose time is up: a read did not happen (Unavailable), a write may have (InDoubt).
    /// Null for effects that have no time limit.
    /// </summary>
    public static AgentEvent? Answer(Effect effect) => effect switch
    {
        Effect.CallCluster call => new AgentEvent.ClusterAnswered(
            call.Call,
            call.Request,
            Outcome.Failed<ClusterAnswer>(
                KindOf(call.Request),
                $"The API server did not answer within {call.Timeout.TotalSeconds:0.###} s ({call.Request.Resource}).")),
        Effect.CallStorage call => new AgentEvent.StorageAnswered(
            call.Call,
            call.Request,
            Outcome.Failed<NodeStorageAnswer>(
                call.Request is NodeStorageRequest.Scan ? OutcomeKind.Unavailable : OutcomeKind.InDoubt,
                $"LVM did not answer within {call.Timeout.TotalSeconds:0.###} s ({call.Request.GetType().Name}).")),
        _ => null,
    };
}
