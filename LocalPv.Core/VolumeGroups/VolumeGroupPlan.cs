using System.Collections.Immutable;
using LocalPv.Core.Disks;
using LocalPv.Core.Ports;

namespace LocalPv.Core.VolumeGroups;

/// <summary>What to do about one class's volume group on a node, and how it stands.</summary>
/// <param name="Request">The next request to the node's storage; null where there is nothing to do, or nothing that can be done.</param>
/// <param name="Group">The group as it was seen, if volumes may be made in it by this class; null otherwise.</param>
/// <param name="Disks">The verdict on every disk that the class means or has, by path; missing ones too.</param>
/// <param name="Problems">What is wrong, for a person, the worst first; empty where all is well.</param>
public sealed record VolumeGroupPlan(
    NodeStorageRequest? Request, VolumeGroup? Group, ImmutableArray<DiskVerdict> Disks, ImmutableArray<string> Problems)
{
    /// <summary>
    /// How the class is doing on the node: Failed without a group that can be had, Pending while one is to be made, Degraded with
    /// problems, else Ready.
    /// </summary>
    public StoragePhase Phase =>
        Group is null ? Request is null ? StoragePhase.Failed : StoragePhase.Pending
        : Problems.IsEmpty ? StoragePhase.Ready
        : StoragePhase.Degraded;
}
