namespace LocalPv.Core.Disks;

/// <summary>
/// What happens to a logical volume's content before its space is given to somebody else; the most careful first. The content of a thin
/// volume needs no wiping: its pool clears what it gives away.
/// </summary>
public enum WipePolicy
{
    /// <summary>Write zeros over all of it. The default.</summary>
    Zero,

    /// <summary>Discard all of it, on disks whose discarded blocks read as zeros.</summary>
    Discard,

    /// <summary>Remove only the signatures: quick, and only for nodes whose tenants trust each other.</summary>
    Signatures,
}
