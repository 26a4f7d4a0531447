using System.Collections.Immutable;
using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Provisioning;

/// <summary>What a class promises for its volumes on this node: from the StorageClass and the node's NodeLocalStorage.</summary>
public sealed record VolumeTerms
{
    /// <summary>The class.</summary>
    public required StorageClassName StorageClass { get; init; }

    /// <summary>The volume group that its volumes come from.</summary>
    public required VolumeGroupName Group { get; init; }

    /// <summary>How volumes lie on the disks.</summary>
    public Layout Layout { get; init; } = Layout.Linear;

    /// <summary>How much of the group is never given away.</summary>
    public Bytes Reserve { get; init; }

    /// <summary>What happens to a volume's content when it is removed.</summary>
    public WipePolicy Wipe { get; init; }

    /// <summary><c>Delete</c> or <c>Retain</c>, for new volumes.</summary>
    public string ReclaimPolicy { get; init; } = "Delete";

    /// <summary>The mount options of new volumes.</summary>
    public ImmutableArray<string> MountOptions { get; init; } = [];

    /// <summary>The file system that the kubelet makes on new volumes that are not raw block devices.</summary>
    public string FileSystem { get; init; } = StorageParameters.DefaultFileSystem;

    /// <summary>Whether claims of the class may grow.</summary>
    public bool MayGrow { get; init; }
}

/// <summary>Why a claim cannot be served here.</summary>
/// <param name="Reason">A word that programs may rely on.</param>
/// <param name="Message">Why, for a person.</param>
/// <param name="IsFinal">Whether waiting on this node is of no use, so that the claim goes elsewhere.</param>
public sealed record Unserved(string Reason, string Message, bool IsFinal)
{
    /// <summary>
    /// The terms for a claim whose volume was made before, where only new ones are refused; null where nothing goes on. To wait would be
    /// for ever: what is being deleted waits for the volume to go.
    /// </summary>
    public VolumeTerms? Ending { get; init; }

    /// <summary>The group that is refused, where another has its name; null where it is about none.</summary>
    public VolumeGroupName? Group { get; init; }
}
