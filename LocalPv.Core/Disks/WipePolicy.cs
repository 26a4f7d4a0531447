namespace LocalPv.Core.Disks;

/// <summary>
/// What happens to a logical volume's content before its space is given to somebody else; the most careful first. The content of a thin
/// volume needs no wiping: its pool clears what it gives away.
/// </summary>
public enum WipePolicy
{
    /// <summary>Write zeros over all of it. The default.</summary>
    Zero,

    /// <summary>Give all of it back to the disk, where the disk promises that it reads as zeros then; write zeros where not.</summary>
    Discard,

    /// <summary>
    /// Remove only the signatures: quick, and only for nodes whose tenants trust each other. The next volume on the same blocks shows no
    /// file system, but whoever reads its device finds what the earlier one held; thin volumes hide it all the same.
    /// </summary>
    Signatures,
}
