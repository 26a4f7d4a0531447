using LocalPv.Core.Units;

namespace LocalPv.Core.VolumeGroups;

/// <summary>What a volume of some size needs in a volume group.</summary>
/// <param name="Volume">Its own extents, as its user sees it: what <c>lvcreate --extents</c> is asked for.</param>
/// <param name="Space">
/// The extents it takes from what <see cref="LayoutCapacity"/> calls free, mirrors and their metadata included.
/// </param>
public readonly record struct LayoutCost(ExtentCount Volume, ExtentCount Space)
{
    // LVM's defaults: regions of a mirror's bitmap (activation/raid_region_size), and the superblocks before it (lv_manip.c,
    // _raid_rmeta_extents).
    private const long RaidRegionBytes = 2L << 20;
    private const long RaidSuperblockBytes = 2 * 4096;
    private const long SectorBytes = 512;

    /// <summary>
    /// The cost of holding <paramref name="request"/> bytes: rounded up to whole extents, and to the same number on each disk of a
    /// striped volume, as lvcreate does. Zero bytes cost nothing. Throws <see cref="OverflowException"/> only where the sum lies
    /// beyond 2^63-1 extents.
    /// </summary>
    public static LayoutCost ExtentsNeeded(Layout layout, ExtentSize extentSize, Bytes request)
    {
        var extents = extentSize.ExtentsToHold(request);
        if (extents == ExtentCount.Zero)
        {
            return default;
        }

        switch (layout.Type)
        {
            case LayoutType.Striped:
                var striped = new ExtentCount(checked((((extents.Value - 1) / layout.Stripes) + 1) * layout.Stripes));
                return new(striped, striped);
            case LayoutType.Raid1:
                var image = extents + MirrorMetadata(extents, extentSize);
                return new(extents, new ExtentCount(checked(image.Value * (1 + layout.Mirrors))));
            default:
                // A thin volume takes its size from what the pool may promise.
                return new(extents, extents);
        }
    }

    /// <summary>The extents that LVM keeps beside each image of a mirrored volume.</summary>
    internal static ExtentCount MirrorMetadata(ExtentCount image, ExtentSize extentSize)
    {
        var regions = (Int128)image.Value * extentSize.Size.Value / RaidRegionBytes;
        var bytes = RaidSuperblockBytes + ((regions + 7) / 8);
        var sectors = (bytes + SectorBytes - 1) / SectorBytes;
        var sectorsPerExtent = extentSize.Size.Value / SectorBytes;
        return new((long)((sectors + sectorsPerExtent - 1) / sectorsPerExtent));
    }
}
