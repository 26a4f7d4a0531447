using LocalPv.Core.Ports;
using LocalPv.Core.Units;

namespace LocalPv.Core.Agents;

/// <summary>Something an agent wants done. Models of other parts of a cluster add their own cases.</summary>
public abstract record Effect
{
    /// <summary>
    /// Ask the API server; answered by one <see cref="AgentEvent.ClusterAnswered"/> with the same number, at the latest after
    /// <paramref name="Timeout"/> (a write is then in doubt).
    /// </summary>
    public sealed record CallCluster(long Call, ClusterRequest Request, TimeSpan Timeout) : Effect;

    /// <summary>Open a watch; answered by any number of <see cref="AgentEvent.WatchDelivered"/> with the same number.</summary>
    public sealed record OpenWatch(long Watch, WatchRequest Request) : Effect;

    /// <summary>Close a watch; what it still had to say is dropped, or comes late.</summary>
    public sealed record CloseWatch(long Watch) : Effect;

    /// <summary>Ask the node's disks and LVM; answered by one <see cref="AgentEvent.StorageAnswered"/> with the same number.</summary>
    public sealed record CallStorage(long Call, NodeStorageRequest Request, TimeSpan Timeout) : Effect;

    /// <summary>Deliver <see cref="AgentEvent.Woke"/> at this moment. An agent has one alarm: this replaces an earlier one.</summary>
    public sealed record WakeAt(Instant Moment) : Effect;
}
