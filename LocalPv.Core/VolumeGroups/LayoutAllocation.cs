using LocalPv.Core.Units;

namespace LocalPv.Core.VolumeGroups;

/// <summary>
/// Which disks a new volume takes its extents from, as LVM's allocator decides it with the policy <c>normal</c> (measured with lvm2
/// 2.03): in rounds, each from as many of the freest disks as the volume has stripes, the same from each, until all is found or a disk
/// of a round has nothing left. An image of a mirrored volume lies on one disk together with its metadata; the backend names the disks.
/// </summary>
public static class LayoutAllocation
{
    /// <summary>
    /// Takes a volume of <paramref name="volume"/> extents from <paramref name="free"/>, the free extents of each disk that is there, or
    /// changes nothing and answers false where lvcreate would find too little. Gives each disk's share of every image and stripe to
    /// <paramref name="take"/>, if wanted, in the order of the volume. Thin volumes take from their pool: not for them.
    /// </summary>
    public static bool TryTake(
        Layout layout, ExtentCount volume, ExtentSize extentSize, Span<long> free, Action<AllocatedPart>? take = null)
    {
        if (layout.Type == LayoutType.Thin)
        {
            throw new ArgumentException("A thin volume takes no extents of its own.", nameof(layout));
        }

        Span<long> left = free.Length <= 64 ? stackalloc long[free.Length] : new long[free.Length];
        free.CopyTo(left);
        var parts = take is null ? null : new List<AllocatedPart>();
        var found = layout.Type == LayoutType.Raid1
            ? TakeImages(layout, volume, extentSize, left, parts)
            : TakeStripes(layout.Type == LayoutType.Striped ? layout.Stripes : 1, volume.Value, left, parts);
        if (!found)
        {
            return false;
        }

        left.CopyTo(free);
        parts?.ForEach(take!);
        return true;
    }

    private static bool TakeStripes(int stripes, long extents, Span<long> free, List<AllocatedPart>? parts)
    {
        Span<int> chosen = stripes <= 64 ? stackalloc int[stripes] : new int[stripes];
        var perStripe = ((extents - 1) / stripes) + 1;
        while (perStripe > 0)
        {
            if (!TryChooseFreest(free, chosen))
            {
                return false;
            }

            var round = perStripe;
            foreach (var disk in chosen)
            {
                round = Math.Min(round, free[disk]);
            }

            foreach (var disk in chosen)
            {
                free[disk] -= round;
                parts?.Add(new AllocatedPart(disk, new ExtentCount(round), Image: 0));
            }

            perStripe -= round;
        }

        return true;
    }

    private static bool TakeImages(Layout layout, ExtentCount volume, ExtentSize extentSize, Span<long> free, List<AllocatedPart>? parts)
    {
        var images = layout.Mirrors + 1;
        Span<int> chosen = images <= 64 ? stackalloc int[images] : new int[images];
        var needed = volume + LayoutCost.MirrorMetadata(volume, extentSize);
        if (!TryChooseFreest(free, chosen) || free[chosen[^1]] < needed.Value)
        {
            return false;
        }

        for (var image = 0; image < images; image++)
        {
            free[chosen[image]] -= needed.Value;
            parts?.Add(new AllocatedPart(chosen[image], needed, image));
        }

        return true;
    }

    // The disks with most free extents, the freest first; of equal ones the earlier. False where one of them has none.
    private static bool TryChooseFreest(ReadOnlySpan<long> free, Span<int> chosen)
    {
        for (var i = 0; i < chosen.Length; i++)
        {
            var best = -1;
            for (var disk = 0; disk < free.Length; disk++)
            {
                if (free[disk] > 0 && !chosen[..i].Contains(disk) && (best < 0 || free[disk] > free[best]))
                {
                    best = disk;
                }
            }

            if (best < 0)
            {
                return false;
            }

            chosen[i] = best;
        }

        return true;
    }
}

/// <summary>A part of a volume: so many extents of one disk, for one of its images (0 unless it is mirrored).</summary>
public readonly record struct AllocatedPart(int Disk, ExtentCount Extents, int Image);
