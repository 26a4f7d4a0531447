using System.Collections.Immutable;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;

namespace LocalPv.Core.Agents;

/// <summary>
/// What the parts of one agent ask for in one step, and what happens with each answer. An answer to a question that nobody remembers,
/// such as one of an earlier life, is passed over.
/// </summary>
internal sealed class Calls
{
    private readonly Dictionary<long, Action<Outcome<ClusterAnswer>>> _cluster = [];
    private readonly Dictionary<long, Action<Outcome<NodeStorageAnswer>>> _storage = [];

    internal CallNumbers Numbers { get; } = new();

    /// <summary>The moment of the step.</summary>
    internal Instant Now { get; set; }

    /// <summary>The effects of the step so far.</summary>
    internal ImmutableArray<Effect>.Builder Effects { get; } = ImmutableArray.CreateBuilder<Effect>();

    internal void Cluster(ClusterRequest request, TimeSpan timeout, Action<Outcome<ClusterAnswer>> answered)
    {
        var call = Numbers.Next();
        _cluster.Add(call, answered);
        Effects.Add(new Effect.CallCluster(call, request, timeout));
    }

    internal void Storage(NodeStorageRequest request, TimeSpan timeout, Action<Outcome<NodeStorageAnswer>> answered)
    {
        var call = Numbers.Next();
        _storage.Add(call, answered);
        Effects.Add(new Effect.CallStorage(call, request, timeout));
    }

    /// <summary>Hands an answer to whoever asked. Returns whether somebody did.</summary>
    internal bool TryAnswer(AgentEvent happened)
    {
        switch (happened)
        {
            case AgentEvent.ClusterAnswered answer when _cluster.Remove(answer.Call, out var answered):
                answered(answer.Outcome);
                return true;
            case AgentEvent.StorageAnswered answer when _storage.Remove(answer.Call, out var answered):
                answered(answer.Outcome);
                return true;
            default:
                return false;
        }
    }

    /// <summary>The effects of the step, which ends.</summary>
    internal ImmutableArray<Effect> Drain()
    {
        if (Effects.Count == 0)
        {
            return [];
        }

        var drained = Effects.ToImmutable();
        Effects.Clear();
        return drained;
    }
}
