using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Provisioning;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Agents;

/// <summary>One claim's volume in the hands of its agent.</summary>
internal sealed class VolumeWork(ClaimUid uid)
{
    internal ClaimUid Uid { get; } = uid;

    /// <summary>The claim as watched; null while it neither selects this node nor may be bound here, or is gone.</summary>
    internal PersistentVolumeClaim? Claim { get; set; }

    /// <summary>The PersistentVolume as watched; null while this node has none for the claim.</summary>
    internal PersistentVolume? Volume { get; set; }

    /// <summary>The claim that the watch told is gone, or another node's; null where it told of none, or of one since.</summary>
    internal KubernetesObject? ClaimGone { get; set; }

    /// <summary>The same of the PersistentVolume.</summary>
    internal KubernetesObject? VolumeGone { get; set; }

    /// <summary>The logical volume in the last picture of LVM; null where there is none.</summary>
    internal LogicalVolume? Found { get; set; }

    /// <summary>Its group.</summary>
    internal VolumeGroup? FoundIn { get; set; }

    /// <summary>The two in the picture before.</summary>
    internal (LogicalVolume? Volume, VolumeGroup? Group) FoundBefore { get; set; }

    /// <summary>Whether nothing was to be done with it when it was last looked at.</summary>
    internal bool IsIdle { get; set; }

    /// <summary>
    /// The name and uuid of the group in which it was last seen, be it away now; null where it went while its group was there.
    /// </summary>
    internal (VolumeGroupName Name, string Uuid)? LiesIn { get; set; }

    /// <summary>Since when that group has been away; null where it is not.</summary>
    internal Instant? AwaySince { get; set; }

    /// <summary>What is remembered.</summary>
    internal VolumeMemory Memory { get; set; } = VolumeMemory.Empty;

    /// <summary>The group that was last asked to make its logical volume; null before.</summary>
    internal VolumeGroupName? AskedIn { get; set; }

    /// <summary>Whether an effect is under way.</summary>
    internal bool InFlight { get; set; }

    /// <summary>Whether the last step was the removal of a logical volume without a PersistentVolume.</summary>
    internal bool IsOrphan { get; set; }

    /// <summary>The class whose report did not show the volume when the claim ended; null where it did, or the claim is there.</summary>
    internal string? OwesReport { get; set; }

    /// <summary>Whether the claim left this node because it was given back: then everybody knows that nothing was made.</summary>
    internal bool IsGivenBack { get; set; }

    /// <summary>When to look again though nothing has changed.</summary>
    internal Instant Due { get; set; } = Instant.Never;

    /// <summary>Whether there is nothing left to look after.</summary>
    internal bool IsOver => Claim is null && Volume is null && Found is null && !InFlight;

    /// <summary>Something to attach an event to.</summary>
    internal KubernetesObject? Subject => (KubernetesObject?)Claim ?? Memory.ReadClaim ?? (KubernetesObject?)Volume ?? Memory.ReadVolume;
}
