using LocalPv.Sim.Faults;

namespace LocalPv.Sim.Plans;

/// <summary>Faults that have one cause in real clusters, and so come together, often, and for long.</summary>
internal enum FaultFamily
{
    /// <summary>Copies of objects: an API server that lags, forgets, or falls silent.</summary>
    Watches,

    /// <summary>Requests to the API server.</summary>
    Requests,

    /// <summary>Processes and their clocks.</summary>
    Processes,

    /// <summary>The scheduler's calls of the extender.</summary>
    Extender,

    /// <summary>Machines and their Node objects.</summary>
    Nodes,

    /// <summary>Commands of LVM.</summary>
    Commands,

    /// <summary>Disks, and what lies on them.</summary>
    Disks,
}

/// <summary>Which fault belongs to which family.</summary>
internal static class FaultFamilies
{
    // LVM and watches are where the recoveries are that only several faults in a row reach.
    private static readonly int[] Weights = [3, 2, 2, 1, 3, 3, 1];

    internal static FaultFamily Draw(Draws draws) => (FaultFamily)draws.Weighted(Weights);

    internal static FaultFamily Of(FaultInfo info) => info.Type switch
    {
        <= FaultType.Duplicate or FaultType.Expire or FaultType.CloseWatches or FaultType.HangWatches or FaultType.Compact
            => FaultFamily.Watches,
        _ => info.Code[0] switch
        {
            'A' => FaultFamily.Requests,
            'P' => FaultFamily.Processes,
            'X' => FaultFamily.Extender,
            'N' => FaultFamily.Nodes,
            _ when info.Code is "L7" or "L8" or "L9" or "L10" => FaultFamily.Disks,
            _ => FaultFamily.Commands,
        },
    };
}
