using LocalPv.Core.Units;

namespace LocalPv.Core.VolumeGroups;

/// <summary>
/// The space of a volume group as volumes of one layout count it, to be compared with <see cref="LayoutCost.Space"/>. For linear,
/// striped and mirrored volumes these are the group's extents; for thin ones what the pool may promise.
/// </summary>
/// <param name="Capacity">All of it.</param>
/// <param name="Free">What a new volume could use; never more than <paramref name="Capacity"/>.</param>
public readonly record struct LayoutCapacity(ExtentCount Capacity, ExtentCount Free)
{
    /// <summary>The capacity of a group that was seen. One with a missing disk has nothing free, since LVM makes no volume in it.</summary>
    public static LayoutCapacity Of(Layout layout, VolumeGroup group)
    {
        if (layout.Type != LayoutType.Thin)
        {
            return new(group.Extents, group.IsComplete ? group.FreeExtents : ExtentCount.Zero);
        }

        var (data, promised) = group.ThinPool is { } pool
            ? (pool.Extents, pool.Promised)
            : (ThinPoolSize.In(group.FreeExtents, group.ExtentSize).Data, ExtentCount.Zero);
        var capacity = new ExtentCount((long)((Int128)data.Value * layout.OverprovisionPercent / 100));
        return new(capacity, group.IsComplete ? capacity.SubtractToZero(promised) : ExtentCount.Zero);
    }
}
