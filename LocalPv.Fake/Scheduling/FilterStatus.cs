using System.Collections.Immutable;

namespace LocalPv.Fake.Scheduling;

/// <summary>The parts of the scheduler that can turn a Pod away; which of them did decides what wakes it.</summary>
[Flags]
internal enum SchedulerPlugin
{
    None = 0,
    NodeUnschedulable = 1,
    TaintToleration = 2,
    NodeAffinity = 4,
    NodeResourcesFit = 8,
    VolumeBinding = 16,
    SchedulingGates = 32,
    Extender = 64,
    VolumeRestrictions = 128,
    PodTopologySpread = 256,
    InterPodAffinity = 512,
}

/// <summary>Why a node, or every node, is not for a Pod.</summary>
/// <param name="Unresolvable">Driving other Pods away would not help.</param>
/// <param name="Reasons">For people; counted over all nodes in the message.</param>
/// <param name="Plugin">Who said so.</param>
internal sealed record FilterStatus(bool Unresolvable, ImmutableArray<string> Reasons, SchedulerPlugin Plugin)
{
    /// <summary>A status with one reason.</summary>
    public static FilterStatus Of(SchedulerPlugin plugin, bool unresolvable, string reason) => new(unresolvable, [reason], plugin);
}
