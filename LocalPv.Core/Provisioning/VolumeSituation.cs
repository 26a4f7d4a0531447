using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Provisioning;

/// <summary>Whether a volume group can take a request now.</summary>
public enum GroupState
{
    /// <summary>It can. The default.</summary>
    Ready,

    /// <summary>A request to it is under way.</summary>
    Busy,

    /// <summary>What became of the last request to it is not known, and no scan has told yet.</summary>
    InDoubt,
}

/// <summary>All that is known about one claim's volume on this node at one moment: the input of <see cref="VolumeMachine"/>.</summary>
public sealed record VolumeSituation
{
    /// <summary>The moment.</summary>
    public required Instant Now { get; init; }

    /// <summary>The claim's identity.</summary>
    public required ClaimUid Uid { get; init; }

    /// <summary>The node.</summary>
    public required NodeName Node { get; init; }

    /// <summary>
    /// The value of the node's <c>kubernetes.io/hostname</c> label, which volumes refer to; empty while the Node object is not known.
    /// </summary>
    public required string HostName { get; init; }

    /// <summary>Our provisioner.</summary>
    public required string Provisioner { get; init; }

    /// <summary>How long a logical volume that nobody asks for is left alone: longer than any request to make one can take.</summary>
    public required TimeSpan OrphanGrace { get; init; }

    /// <summary>How long a volume group must have been missing before its claims are sent elsewhere.</summary>
    public required TimeSpan MissingGroupGrace { get; init; }

    /// <summary>The claim as last known, while it selects this node or may be bound here; null otherwise.</summary>
    public PersistentVolumeClaim? Claim { get; init; }

    /// <summary>The PersistentVolume of the claim as last known, where it is one of this node; null otherwise.</summary>
    public PersistentVolume? Volume { get; init; }

    /// <summary>The logical volume whose tags name the claim, in the last scan; null where there is none.</summary>
    public LogicalVolume? Found { get; init; }

    /// <summary>The group that <see cref="Found"/> is in.</summary>
    public VolumeGroup? FoundIn { get; init; }

    /// <summary>
    /// Whether a NodeLocalStorage of this node is about that group. One that is not came with a disk from elsewhere: whoever asks for its
    /// volumes may be known to another cluster.
    /// </summary>
    public bool IsFoundInServedGroup { get; init; } = true;

    /// <summary>
    /// Why <see cref="Group"/> must not be used, such as that it is another of the same name; empty where it may. What is not in it may
    /// still be elsewhere.
    /// </summary>
    public string GroupRefusal { get; init; } = "";

    /// <summary>
    /// The group in which the claim's logical volume was last seen in this life of the agent, be it away now; null where none was seen, or
    /// where it went while its group was there.
    /// </summary>
    public VolumeGroupName? LiesIn { get; init; }

    /// <summary>Since when that group has been away; null where it is there, or where it is not known which.</summary>
    public Instant? AwaySince { get; init; }

    /// <summary>Whether a person says of a NodeLocalStorage over the group that the volumes in it are lost.</summary>
    public bool IsDeclaredLost { get; init; }

    /// <summary>What the claim's class promises here; null where <see cref="Unserved"/> says why not.</summary>
    public VolumeTerms? Terms { get; init; }

    /// <summary>Why the claim's class cannot be served here now.</summary>
    public Unserved? Unserved { get; init; }

    /// <summary>
    /// The group that this volume is about, in the last scan: that of the PersistentVolume's path, else that of the terms. Null where it
    /// was not seen.
    /// </summary>
    public VolumeGroup? Group { get; init; }

    /// <summary>Whether <see cref="Group"/> can take a request.</summary>
    public GroupState GroupState { get; init; }

    /// <summary>Since when the group has been missing; null where it was seen.</summary>
    public Instant? GroupMissingSince { get; init; }

    /// <summary>What happens to the content of volumes that are removed from the group.</summary>
    public WipePolicy Wipe { get; init; }

    /// <summary>The number of the last scan; 0 before the first.</summary>
    public long ScanNumber { get; init; }

    /// <summary>When the last scan ended. What was missing in it may have come back since.</summary>
    public Instant ScannedAt { get; init; }

    /// <summary>What is remembered.</summary>
    public VolumeMemory Memory { get; init; } = VolumeMemory.Empty;

    /// <summary>Whether the claim waits for this node to make its volume.</summary>
    public bool IsWanted =>
        Claim is { IsBeingDeleted: false, VolumeName: "" } claim && claim.SelectedNode == Node.Value && claim.Provisioner == Provisioner;
}
