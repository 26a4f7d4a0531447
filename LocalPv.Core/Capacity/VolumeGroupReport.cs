using System.Collections.Immutable;
using LocalPv.Core.Identity;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Capacity;

/// <summary>
/// What a node's agent last said of the space that one class may use there: one NodeLocalStorage, reduced to what placement needs.
/// All amounts are the volume group's, as of one moment of the scan <see cref="ScanSequence"/>.
/// </summary>
public sealed record VolumeGroupReport
{
    /// <summary>The class.</summary>
    public required StorageClassName Class { get; init; }

    /// <summary>The node.</summary>
    public required NodeName Node { get; init; }

    /// <summary>The identity of the object that carries the report: a new object starts a new count of scans.</summary>
    public string ObjectUid { get; init; } = "";

    /// <summary>The number of the scan; a report of an earlier scan than the one known is late and is passed over.</summary>
    public long ScanSequence { get; init; }

    /// <summary>When the report was made, by the node's own clock; null where it does not say.</summary>
    public Instant? ScannedAt { get; init; }

    /// <summary>The volume group; null while there is none.</summary>
    public VolumeGroupName? Group { get; init; }

    /// <summary>The size of the group's extents.</summary>
    public ExtentSize ExtentSize { get; init; }

    /// <summary>How a volume of this class lies on the disks, which decides what it costs.</summary>
    public Layout Layout { get; init; } = Layout.Linear;

    /// <summary>The size of the group.</summary>
    public ExtentCount Capacity { get; init; }

    /// <summary>Its extents in no volume.</summary>
    public ExtentCount Free { get; init; }

    /// <summary>Extents of the group that are never promised.</summary>
    public ExtentCount Reserve { get; init; }

    /// <summary>The claims whose volume the scan saw in the group, in ascending order, each once.</summary>
    public ImmutableArray<ClaimUid> Volumes { get; init; } = [];

    /// <summary>The sizes of <see cref="Volumes"/>, each at the same place; empty where they are not known.</summary>
    public ImmutableArray<Bytes> Sizes { get; init; } = [];

    /// <summary>
    /// The free extents of each disk of the group, which together are <see cref="Free"/>; empty where that is not known. It matters to
    /// layouts that need several disks.
    /// </summary>
    public ImmutableArray<long> FreeByDisk { get; init; } = [];

    /// <summary>Why the class takes no new volume on this node, for a person; null while it does.</summary>
    public string? Closed { get; init; }

    /// <summary>Whether the scan saw that claim's volume.</summary>
    public bool Holds(ClaimUid claim) => Volumes.AsSpan().BinarySearch(claim) >= 0;

    /// <summary>The size of that claim's volume as the scan saw it; null where it was not seen, or no sizes are known.</summary>
    public Bytes? SizeOf(ClaimUid claim) =>
        Volumes.AsSpan().BinarySearch(claim) is >= 0 and var index && index < Sizes.Length ? Sizes[index] : null;
}
