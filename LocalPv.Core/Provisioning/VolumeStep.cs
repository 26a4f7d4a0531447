using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Provisioning;

/// <summary>What is to be done next for one volume: nothing, one observation, or one write. A closed set.</summary>
public abstract record VolumeStep
{
    private VolumeStep()
    {
    }

    /// <summary>Nothing, until something changes.</summary>
    public sealed record Idle : VolumeStep
    {
        /// <summary>The only one.</summary>
        public static Idle Instance { get; } = new();
    }

    /// <summary>Nothing, until that moment or a change.</summary>
    public sealed record Wait(Instant Until) : VolumeStep;

    /// <summary>Nothing, until that moment or a change; and a person should know why.</summary>
    public sealed record Blocked(string Reason, string Message, Instant Until) : VolumeStep;

    /// <summary>Wait until the volume group can take a request.</summary>
    public sealed record AwaitGroup(VolumeGroupName Group) : VolumeStep;

    /// <summary>Scan the node, and look again after that.</summary>
    public sealed record Scan : VolumeStep;

    /// <summary>
    /// Read the claim live: the one with that uid, any where it is empty, and where it is null the one for which the volume was made.
    /// </summary>
    public sealed record ReadClaim(ObjectKey Key, string? Uid = null) : VolumeStep;

    /// <summary>Read the PersistentVolume live.</summary>
    public sealed record ReadVolume : VolumeStep;

    /// <summary>Make the logical volume.</summary>
    public sealed record CreateLogicalVolume(
        VolumeGroupName Group, LogicalVolumeName Name, LayoutCost Cost, Layout Layout, PersistentVolumeClaim Claim) : VolumeStep
    {
        /// <summary>LVM's identity of the group, as the last scan saw it.</summary>
        public string? GroupUuid { get; init; }
    }

    /// <summary>Grow the logical volume to that many extents.</summary>
    public sealed record ExtendLogicalVolume(VolumeGroupName Group, LogicalVolumeName Name, ExtentCount Extents) : VolumeStep;

    /// <summary>
    /// Make the logical volume's device appear; where <paramref name="IsNew"/>, nobody can have used it yet, and what its creation may
    /// have left undone is done as well.
    /// </summary>
    public sealed record Activate(VolumeGroupName Group, LogicalVolumeName Name, bool IsNew = false) : VolumeStep;

    /// <summary>Mark the logical volume as one that only a person removes.</summary>
    public sealed record MarkRetained(VolumeGroupName Group, LogicalVolumeName Name) : VolumeStep;

    /// <summary>Wipe and remove the logical volume; where <paramref name="OnlyUnused"/>, unless it may hold data.</summary>
    public sealed record RemoveLogicalVolume(
        VolumeGroupName Group, LogicalVolumeName Name, WipePolicy Wipe, Bytes Size, bool OnlyUnused = false) : VolumeStep
    {
        /// <summary>LVM's identity of the group, as the last scan saw it.</summary>
        public string? GroupUuid { get; init; }
    }

    /// <summary>Make the PersistentVolume of a logical volume that is there.</summary>
    public sealed record CreateVolume(
        PersistentVolumeClaim Claim, VolumeGroupName Group, LogicalVolume LogicalVolume, VolumeTerms Terms) : VolumeStep;

    /// <summary>Clear the claim's selected node and say why, guarded by the version of <paramref name="Claim"/>.</summary>
    public sealed record ReleaseNode(PersistentVolumeClaim Claim, string Reason, string Message) : VolumeStep;

    /// <summary>Put our finalizer on the PersistentVolume, guarded by its version.</summary>
    public sealed record AddFinalizer(PersistentVolume Volume) : VolumeStep;

    /// <summary>
    /// Ask for the deletion of the PersistentVolume, guarded by its version; our finalizer keeps it until the logical volume is gone.
    /// </summary>
    public sealed record DeleteVolume(PersistentVolume Volume) : VolumeStep;

    /// <summary>Take our finalizer off the PersistentVolume, guarded by its version.</summary>
    public sealed record RemoveFinalizer(PersistentVolume Volume) : VolumeStep;

    /// <summary>Write the logical volume's size into the PersistentVolume, guarded by its version.</summary>
    public sealed record WriteCapacity(PersistentVolume Volume, Bytes Capacity) : VolumeStep;

    /// <summary>
    /// Tell the claim how its growth stands and, where <paramref name="Capacity"/> is not null, how large its volume is now; guarded by its
    /// version.
    /// </summary>
    public sealed record WriteClaimResize(PersistentVolumeClaim Claim, string? Capacity, ClaimResize Resize) : VolumeStep;
}
