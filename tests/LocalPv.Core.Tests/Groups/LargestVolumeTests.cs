using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Tests.Groups;

public sealed class LargestVolumeTests
{
    private static readonly ExtentSize Size = ExtentSize.Default;

    public static TheoryData<LayoutType, int> Layouts => new()
    {
        { LayoutType.Linear, 1 }, { LayoutType.Striped, 2 }, { LayoutType.Striped, 3 }, { LayoutType.Raid1, 1 }, { LayoutType.Raid1, 2 },
    };

    [Theory]
    [MemberData(nameof(Layouts))]
    public void In_AnyDisks_IsTheLargestThatLvmWouldMake(LayoutType type, int count)
    {
        var layout = type switch
        {
            LayoutType.Striped => new Layout(type, Stripes: count),
            LayoutType.Raid1 => new Layout(type, Mirrors: count),
            _ => Layout.Linear,
        };
        foreach (var (a, b, c, reserve) in
            from a in Enumerable.Range(0, 9)
            from b in Enumerable.Range(0, 9)
            from c in Enumerable.Range(0, 4)
            from reserve in (int[])[0, 3]
            select (a, b, c, reserve))
        {
            long[] free = [a, b, c * 3];
            var room = new ExtentCount(free.Sum()).SubtractToZero(new ExtentCount(reserve));
            var expected = Enumerable.Range(1, 30).LastOrDefault(extents => Fits(layout, extents, room, free));

            Assert.Equal(expected, LargestVolume.In(layout, Size, room, free).Value);
        }
    }

    [Fact]
    public void In_DisksNotKnown_GoesByTheCostAlone()
    {
        Assert.Equal(49, LargestVolume.In(new Layout(LayoutType.Raid1, Mirrors: 1), Size, new(101), []).Value);
        Assert.Equal(100, LargestVolume.In(new Layout(LayoutType.Striped, Stripes: 2), Size, new(101), []).Value);
        Assert.Equal(101, LargestVolume.In(new Layout(LayoutType.Thin), Size, new(101), [1, 2]).Value);
    }

    private static bool Fits(Layout layout, int extents, ExtentCount room, long[] free) =>
        LayoutCost.ExtentsNeeded(layout, Size, Size.SizeOf(new(extents))).Space <= room
        && LayoutAllocation.TryTake(layout, new(extents), Size, (long[])free.Clone());
}
