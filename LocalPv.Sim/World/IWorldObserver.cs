using System.Collections.Immutable;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Placement;
using LocalPv.Core.Ports;
using LocalPv.Core.VolumeGroups;
using LocalPv.Fake.Scheduling;
using LocalPv.Sim.Engine;
using LocalPv.Sim.Faults;

namespace LocalPv.Sim.World;

/// <summary>
/// Is told of everything in a cluster that its API server's history does not show. Called right after it happened, on the same turn.
/// </summary>
public interface IWorldObserver : IStepObserver
{
    /// <summary>A request took effect on a node's disks, or did not.</summary>
    void OnStorage(StorageCall call);

    /// <summary>The extender was asked.</summary>
    void OnExtender(ExtenderExchange exchange);

    /// <summary>A kubelet used a device.</summary>
    void OnDevice(DeviceUse use);

    /// <summary>A fault began or ended.</summary>
    void OnFault(ActiveFault fault, bool hasBegun);

    /// <summary>A step of the plan was taken; where it could not be, <paramref name="problem"/> says why.</summary>
    void OnPlanStep(Plans.TimedStep step, string? problem);
}

/// <summary>A request to a node's LVM.</summary>
/// <param name="Node">The node.</param>
/// <param name="Process">Who sent it.</param>
/// <param name="Request">What was asked.</param>
/// <param name="Outcome">What the agent is told; null where the command hangs.</param>
/// <param name="Before">The truth before.</param>
/// <param name="After">The truth after; the same instance where nothing can have changed.</param>
public sealed record StorageCall(
    string Node,
    string Process,
    NodeStorageRequest Request,
    Outcome<NodeStorageAnswer>? Outcome,
    NodeScan Before,
    NodeScan After);

/// <summary>A call of the extender.</summary>
/// <param name="Process">The replica that answered; empty where none did.</param>
/// <param name="Verb">What was asked.</param>
/// <param name="Pod">For which Pod.</param>
/// <param name="Candidates">Which nodes were asked about.</param>
/// <param name="Filtered">The answer to a filter; null otherwise.</param>
/// <param name="Prioritized">The answer to a prioritize; null otherwise.</param>
/// <param name="Problem">Why there is no answer; empty where there is one.</param>
public sealed record ExtenderExchange(
    string Process,
    ExtenderVerb Verb,
    Pod Pod,
    ImmutableArray<string> Candidates,
    FilterDecision? Filtered,
    PrioritizeDecision? Prioritized,
    string Problem);

/// <summary>What a kubelet did with a device.</summary>
public enum DeviceAction
{
    /// <summary>Made a file system on it, since it carried none, and mounted it.</summary>
    Format,

    /// <summary>Mounted it as it was.</summary>
    Mount,

    /// <summary>Let go of it.</summary>
    Unmount,

    /// <summary>Grew its file system.</summary>
    Grow,
}

/// <summary>A use of a device.</summary>
/// <param name="Node">The node.</param>
/// <param name="Path">The device.</param>
/// <param name="Action">What was done.</param>
/// <param name="PodUid">For which Pod.</param>
/// <param name="ClaimUid">Whose logical volume it is, by its tag; empty where it has none.</param>
/// <param name="LogicalVolumeUuid">The logical volume.</param>
/// <param name="Readable">The marks that could be read on it before: each is the uid of the claim through which it was written.</param>
public sealed record DeviceUse(
    string Node,
    string Path,
    DeviceAction Action,
    string PodUid,
    string ClaimUid,
    string LogicalVolumeUuid,
    ImmutableArray<string> Readable);
