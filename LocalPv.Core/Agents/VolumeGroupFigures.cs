using LocalPv.Core.Identity;
using LocalPv.Core.Units;

namespace LocalPv.Core.Agents;

/// <summary>How a volume group stands in the eyes of its node's agent, for metrics.</summary>
/// <param name="Group">The group.</param>
/// <param name="Capacity">All its extents.</param>
/// <param name="Free">Its extents in no volume.</param>
/// <param name="Wanted">Logical volumes that a claim or a PersistentVolume asks for.</param>
/// <param name="Present">Those of them that are there.</param>
/// <param name="Surplus">Logical volumes of ours that nobody asks for: orphans, and what was kept by the policy Retain.</param>
/// <param name="Foreign">Logical volumes that are not ours.</param>
public sealed record VolumeGroupFigures(
    VolumeGroupName Group, Bytes Capacity, Bytes Free, int Wanted, int Present, int Surplus, int Foreign);
