using LocalPv.Core.Agents;
using LocalPv.Core.Ports;

namespace LocalPv.Sim.Engine;

/// <summary>
/// How long things take in a simulated cluster without faults. The ranges are those measured on a real control plane and a real lvm2.
/// </summary>
public sealed record Latencies
{
    /// <summary>From sending a request to its effect at the API server, and the same back.</summary>
    public (TimeSpan Least, TimeSpan Most) ApiOneWay { get; init; } = (TimeSpan.FromMicroseconds(200), TimeSpan.FromMilliseconds(2));

    /// <summary>From a change to its arrival at a watcher.</summary>
    public (TimeSpan Least, TimeSpan Most) WatchLag { get; init; } = (TimeSpan.FromMicroseconds(300), TimeSpan.FromMilliseconds(4));

    /// <summary>A scan of a node.</summary>
    public (TimeSpan Least, TimeSpan Most) Scan { get; init; } = (TimeSpan.FromMilliseconds(35), TimeSpan.FromMilliseconds(120));

    /// <summary>An LVM command that changes something.</summary>
    public (TimeSpan Least, TimeSpan Most) LvmChange { get; init; } = (TimeSpan.FromMilliseconds(60), TimeSpan.FromMilliseconds(400));

    /// <summary>An extender's answer.</summary>
    public (TimeSpan Least, TimeSpan Most) Extender { get; init; } = (TimeSpan.FromMicroseconds(300), TimeSpan.FromMilliseconds(3));

    /// <summary>
    /// How long an effect takes to take effect, and how long its answer takes to come back. A function of who wants it and when, so that
    /// taking one event out of a run changes the time of no other.
    /// </summary>
    public (TimeSpan There, TimeSpan Back) Of(Effect effect, KeyedRandom random, long draw)
    {
        var (least, most) = effect switch
        {
            Effect.CallCluster or Effect.OpenWatch or Effect.CloseWatch => ApiOneWay,
            Effect.CallStorage { Request: NodeStorageRequest.Scan } => Scan,
            Effect.CallStorage => LvmChange,
            _ => Extender,
        };
        return (random.Between(2 * draw, least, most), random.Between((2 * draw) + 1, least, most));
    }
}
