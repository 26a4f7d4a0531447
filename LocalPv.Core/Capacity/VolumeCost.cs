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

    /// <summary>The extents that a volume of this size takes from the group, overhead included; never more than 2^46.</summary>
    public ExtentCount Of(Bytes size)
    {
        var extents = ExtentSize.ExtentsToHold(size).Value;
        return new ExtentCount(Math.Min(checked(Math.Min(extents, ExtentsMax) * (1 + Layout.Mirrors)), ExtentsMax));
    }
}
