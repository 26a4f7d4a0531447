using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Capacity;

/// <summary>What decides how many extents a volume of a given size takes from its group.</summary>
/// <param name="Layout">How it lies on the disks.</param>
/// <param name="ExtentSize">The size of the group's extents.</param>
public readonly record struct VolumeCost(Layout Layout, ExtentSize ExtentSize)
{
    // More extents than any volume group has, and so small that sums over all claims of a cluster stay far from overflow.
    internal const long ExtentsMax = 1L << 46;

    /// <summary>
    /// The extents that a volume of this size takes from what reports call free, overhead included; never more than 2^46. At least one:
    /// there is no volume without extents.
    /// </summary>
    public ExtentCount Of(Bytes size)
    {
        var bounded = ExtentSize.WholeExtentsIn(size).Value >= ExtentsMax ? ExtentSize.SizeOf(new ExtentCount(ExtentsMax)) : size;
        var space = LayoutCost.ExtentsNeeded(Layout, ExtentSize, bounded).Space.Value;
        return new ExtentCount(Math.Clamp(space, 1, ExtentsMax));
    }
}
