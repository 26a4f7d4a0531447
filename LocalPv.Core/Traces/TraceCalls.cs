using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;

namespace LocalPv.Core.Traces;

/// <summary>The questions that a replayed agent has asked, by their numbers, so that the answers of a trace find them.</summary>
public sealed class TraceCalls
{
    private readonly SortedDictionary<long, Effect> _asked = [];

    /// <summary>Notes what an agent has asked.</summary>
    public void Add(IEnumerable<Effect> effects)
    {
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case Effect.CallCluster call:
                    _asked[call.Call] = call;
                    break;
                case Effect.CallStorage call:
                    _asked[call.Call] = call;
                    break;
                case Effect.OpenWatch open:
                    _asked[open.Watch] = open;
                    break;
                default:
                    break;
            }
        }
    }

    internal ClusterRequest Cluster(long call) => Find<Effect.CallCluster>(call, "a request to the API server").Request;

    internal NodeStorageRequest Storage(long call) => Find<Effect.CallStorage>(call, "a request to LVM").Request;

    internal ResourceType Watch(long watch) => Find<Effect.OpenWatch>(watch, "a watch").Request.Type;

    private T Find<T>(long number, string what)
        where T : Effect => _asked.GetValueOrDefault(number) as T
        ?? throw new TraceException($"number {number} is answered as {what}, but the agent has made none of that number.");
}
