using LocalPv.Core.Identity;
using LocalPv.Core.Units;

namespace LocalPv.Core.Capacity;

/// <summary>What of a volume group is promised and not yet made, for metrics.</summary>
/// <param name="Node">The node.</param>
/// <param name="Group">The group.</param>
/// <param name="Promised">Promised to claims that have chosen the node and whose volume no report shows yet.</param>
/// <param name="Offered">Offered to claims for which the scheduler has not chosen a node yet.</param>
public sealed record PromiseFigures(NodeName Node, VolumeGroupName Group, Bytes Promised, Bytes Offered);
