using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;

namespace LocalPv.Core.Agents;

/// <summary>What an agent learns. Models of other parts of a cluster add their own cases.</summary>
public abstract record AgentEvent
{
    /// <summary>The process has started; nothing is known yet.</summary>
    public sealed record Started : AgentEvent;

    /// <summary>The moment of the last <see cref="Effect.WakeAt"/> has come (or is past).</summary>
    public sealed record Woke : AgentEvent;

    /// <summary>The answer to <see cref="Effect.CallCluster"/>.</summary>
    public sealed record ClusterAnswered(long Call, ClusterRequest Request, Outcome<ClusterAnswer> Outcome) : AgentEvent;

    /// <summary>A signal of the watch that <see cref="Effect.OpenWatch"/> opened.</summary>
    public sealed record WatchDelivered(long Watch, WatchSignal Signal) : AgentEvent;

    /// <summary>The answer to <see cref="Effect.CallStorage"/>.</summary>
    public sealed record StorageAnswered(long Call, NodeStorageRequest Request, Outcome<NodeStorageAnswer> Outcome) : AgentEvent;
}
