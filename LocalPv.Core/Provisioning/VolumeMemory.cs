using LocalPv.Core.Kubernetes;
using LocalPv.Core.Units;

namespace LocalPv.Core.Provisioning;

/// <summary>What a live read of one object said.</summary>
public enum Sighting
{
    /// <summary>It was not read, or too long ago. The default.</summary>
    Unknown,

    /// <summary>It exists.</summary>
    Seen,

    /// <summary>It does not exist; a later one of its name is not it.</summary>
    Gone,
}

/// <summary>
/// What an agent remembers of one volume in this life beyond what the objects and LVM say. Nothing in it is needed to be right after a
/// crash: an agent that forgets it only observes again.
/// </summary>
public sealed record VolumeMemory
{
    /// <summary>Nothing.</summary>
    public static VolumeMemory Empty { get; } = new();

    /// <summary>What the last live read of the claim said.</summary>
    public Sighting ClaimRead { get; init; }

    /// <summary>The claim as it was read, where it was seen.</summary>
    public PersistentVolumeClaim? ReadClaim { get; init; }

    /// <summary>When the claim was read.</summary>
    public Instant ClaimReadAt { get; init; }

    /// <summary>What the last live read of the PersistentVolume said.</summary>
    public Sighting VolumeRead { get; init; }

    /// <summary>The PersistentVolume as it was read or written, where it was seen.</summary>
    public PersistentVolume? ReadVolume { get; init; }

    /// <summary>When the PersistentVolume was read.</summary>
    public Instant VolumeReadAt { get; init; }

    /// <summary>A write of the PersistentVolume was sent whose end is not known, and no read of it has been answered since.</summary>
    public bool VolumeInDoubt { get; init; }

    /// <summary>The claim of which the same holds; null where nothing is in doubt.</summary>
    public ObjectKey? ClaimInDoubt { get; init; }

    /// <summary>A decision needs a scan with a higher number than this.</summary>
    public long ScanAfter { get; init; }

    /// <summary>The number of the scan that was known when the claim was first looked at.</summary>
    public long FirstScan { get; init; }

    /// <summary>The logical volume was made, or its making finished, in this life, after the claim was read.</summary>
    public bool MadeHere { get; init; }

    /// <summary>A request to make the logical volume was sent, and no clear answer has come since.</summary>
    public bool CreationInDoubt { get; init; }

    /// <summary>Why the logical volume was not made: a clear answer, nothing was left behind.</summary>
    public Unserved? Failure { get; init; }

    /// <summary>The logical volume was removed, or LVM said that there is none.</summary>
    public bool Removed { get; init; }

    /// <summary>Failures in a row of the same step.</summary>
    public int Failures { get; init; }

    /// <summary>
    /// How often LVM could not even begin to make the logical volume. What else fails, such as a read of the API server, says nothing of
    /// that.
    /// </summary>
    public int CreationTries { get; init; }

    /// <summary>Nothing is done before this moment.</summary>
    public Instant NotBefore { get; init; }

    /// <summary>Until then a request of an earlier life of this agent for this claim may still be running.</summary>
    public Instant MayBeBegunUntil { get; init; }

    /// <summary>Since when a logical volume has been seen that nothing here asks for.</summary>
    public Instant? UnownedSince { get; init; }

    /// <summary>Until then a logical volume that nothing here asks for is not looked at again: it holds data.</summary>
    public Instant LeftAloneUntil { get; init; }

    /// <summary>This memory without its live reads: after a write they say nothing.</summary>
    public VolumeMemory WithoutReads() => this with
    {
        ClaimRead = Sighting.Unknown,
        ReadClaim = null,
        VolumeRead = Sighting.Unknown,
        ReadVolume = null,
    };

    /// <summary>
    /// This memory without those of its live reads that are older than <paramref name="trustedFor"/> at <paramref name="now"/>. Some steps
    /// rest on two: the first must be trusted for longer than the second may take.
    /// </summary>
    public VolumeMemory At(Instant now, TimeSpan trustedFor)
    {
        var memory = this;
        if (ClaimRead != Sighting.Unknown && now - ClaimReadAt > trustedFor)
        {
            memory = memory with { ClaimRead = Sighting.Unknown, ReadClaim = null };
        }

        return VolumeRead != Sighting.Unknown && now - VolumeReadAt > trustedFor
            ? memory with { VolumeRead = Sighting.Unknown, ReadVolume = null }
            : memory;
    }
}
