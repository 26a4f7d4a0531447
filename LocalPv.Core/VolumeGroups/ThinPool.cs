using LocalPv.Core.Units;

namespace LocalPv.Core.VolumeGroups;

/// <summary>The thin pool of a volume group as one scan saw it.</summary>
/// <param name="Extents">The extents for data.</param>
/// <param name="Promised">The sizes of all thin volumes in it together.</param>
public sealed record ThinPool(ExtentCount Extents, ExtentCount Promised)
{
    /// <summary>How much of the space for data, or of that for metadata if more, is written, in whole per cent rounded down.</summary>
    public int FullPercent { get; init; }
}
