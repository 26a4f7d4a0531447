using LocalPv.Core.Units;

namespace LocalPv.Core.VolumeGroups;

/// <summary>How large one new volume can be: what is free, less what its layout costs, on the disks that have it.</summary>
public static class LargestVolume
{
    /// <summary>The extents of the largest volume that could be made now, as its user sees them; none where there is no room.</summary>
    /// <param name="layout">How it would lie on the disks.</param>
    /// <param name="extentSize">The size of the group's extents.</param>
    /// <param name="room">What may be used, as <see cref="LayoutCapacity"/> counts it, without what is kept in reserve.</param>
    /// <param name="freeByDisk">The free extents of each disk, the reserve included; empty where they are not known.</param>
    public static ExtentCount In(Layout layout, ExtentSize extentSize, ExtentCount room, ReadOnlySpan<long> freeByDisk)
    {
        if (layout.Type is LayoutType.Linear or LayoutType.Thin)
        {
            return room;
        }

        // What fits, fits also when it is smaller.
        long fits = 0;
        var tooMuch = room.Value + 1;
        while (tooMuch - fits > 1)
        {
            var middle = fits + ((tooMuch - fits) / 2);
            if (Fits(layout, extentSize, new ExtentCount(middle), room, freeByDisk))
            {
                fits = middle;
            }
            else
            {
                tooMuch = middle;
            }
        }

        return new ExtentCount(fits);
    }

    private static bool Fits(Layout layout, ExtentSize extentSize, ExtentCount volume, ExtentCount room, ReadOnlySpan<long> freeByDisk)
    {
        if (LayoutCost.ExtentsNeeded(layout, extentSize, extentSize.SizeOf(volume)).Space > room)
        {
            return false;
        }

        Span<long> free = freeByDisk.Length <= 64 ? stackalloc long[freeByDisk.Length] : new long[freeByDisk.Length];
        freeByDisk.CopyTo(free);
        return free.IsEmpty || LayoutAllocation.TryTake(layout, volume, extentSize, free);
    }
}
