using FsCheck;
using FsCheck.Fluent;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Tests.Groups;

public sealed class LayoutTests
{
    private static readonly Layout Two = new(LayoutType.Striped, Stripes: 2);
    private static readonly Layout Three = new(LayoutType.Striped, Stripes: 3);
    private static readonly Layout Mirror = new(LayoutType.Raid1, Mirrors: 1);

    private static readonly Gen<Layout> Layouts = Gen.Elements(Layout.Linear, Two, Three, Mirror, new Layout(LayoutType.Raid1, Mirrors: 2));

    private static readonly Gen<ExtentSize> ExtentSizes =
        from power in Gen.Choose(10, 34)
        select ExtentSize.From(new Bytes(1L << power));

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 1, 1)]
    [InlineData(4194304, 1, 1)]
    [InlineData(4194305, 2, 2)]
    public void ExtentsNeeded_Linear_RoundsUp(long bytes, long volume, long space) =>
        Assert.Equal(Cost(volume, space), LayoutCost.ExtentsNeeded(Layout.Linear, ExtentSize.Default, new Bytes(bytes)));

    [Fact]
    public void ExtentsNeeded_Striped_RoundsUpToWholeStripes() =>
        Assert.Equal(Cost(6, 6), LayoutCost.ExtentsNeeded(Three, ExtentSize.Default, Bytes.FromMebibytes(16)));

    [Fact]
    public void ExtentsNeeded_Mirrored_CountsEveryImageAndItsMetadata() =>
        Assert.Equal(Cost(256, 514), LayoutCost.ExtentsNeeded(Mirror, ExtentSize.Default, Bytes.FromGibibytes(1)));

    // 1 GiB in regions of 2 MiB: 512 bits after two superblocks, 8,256 bytes, in extents of 1 KiB that are 8.5 and so 9.
    [Fact]
    public void ExtentsNeeded_MirroredWithSmallExtents_NeedsMoreThanOneForMetadata() =>
        Assert.Equal(
            Cost(1 << 20, 2 * ((1 << 20) + 9)),
            LayoutCost.ExtentsNeeded(Mirror, ExtentSize.From(new Bytes(1024)), Bytes.FromGibibytes(1)));

    // The greatest sizes were found by trying them with lvcreate of lvm2 2.03.16.
    [Theory]
    [InlineData(new long[] { 2, 1, 5, 1 }, 2, 4)]
    [InlineData(new long[] { 2, 1, 5, 1 }, 3, 2)]
    [InlineData(new long[] { 20, 20, 20, 13 }, 2, 33)]
    [InlineData(new long[] { 20, 20, 20, 13 }, 3, 20)]
    [InlineData(new long[] { 3, 1, 20, 0 }, 2, 4)]
    [InlineData(new long[] { 13, 13, 0, 20 }, 2, 20)]
    [InlineData(new long[] { 5, 3, 1, 8 }, 2, 8)]
    [InlineData(new long[] { 0, 0, 0, 30 }, 2, 0)]
    public void TryTake_Striped_FitsAsMuchAsLvcreateDoes(long[] free, int stripes, long perStripeMax)
    {
        var layout = new Layout(LayoutType.Striped, stripes);
        for (var perStripe = 1L; perStripe <= 40; perStripe++)
        {
            var fits = LayoutAllocation.TryTake(layout, new(perStripe * stripes), ExtentSize.Default, (long[])free.Clone());
            Assert.Equal(perStripe <= perStripeMax, fits);
        }
    }

    [Fact]
    public void TryTake_OfAnyLayout_TakesExactlyItsCostOrNothing() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000), Prop.ForAll(Cases.ToArbitrary(), test =>
        {
            var cost = LayoutCost.ExtentsNeeded(test.Layout, test.ExtentSize, test.ExtentSize.SizeOf(new(test.Extents)));
            var free = (long[])test.Free.Clone();
            var taken = new long[free.Length];
            var fits = LayoutAllocation.TryTake(
                test.Layout, cost.Volume, test.ExtentSize, free, part => taken[part.Disk] += part.Extents.Value);
            return free.Zip(taken, test.Free).All(disk => disk.First >= 0 && disk.First + disk.Second == disk.Third)
                && taken.Sum() == (fits ? cost.Space.Value : 0);
        }));

    [Fact]
    public void TryTake_Linear_FitsExactlyWhatIsFree() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000), Prop.ForAll(Cases.ToArbitrary(), test =>
            LayoutAllocation.TryTake(Layout.Linear, new(test.Extents), test.ExtentSize, (long[])test.Free.Clone())
            == test.Extents <= test.Free.Sum()));

    [Fact]
    public void TryTake_Mirrored_PutsNoTwoImagesOnOneDisk()
    {
        var parts = new List<AllocatedPart>();
        Assert.True(LayoutAllocation.TryTake(Mirror, new(5), ExtentSize.Default, new long[] { 6, 3, 100 }, parts.Add));
        Assert.Equal([2, 0], parts.Select(part => part.Disk));
        Assert.False(LayoutAllocation.TryTake(Mirror, new(6), ExtentSize.Default, new long[] { 6, 3, 100 }));
    }

    [Fact]
    public void Capacity_OfThin_IsWhatThePoolMayPromise()
    {
        var layout = new Layout(LayoutType.Thin, OverprovisionPercent: 200);
        var group = new VolumeGroup(
            Core.Identity.VolumeGroupName.Parse("fast"), "U", ExtentSize.Default, new(1000), new(0), [], [])
        {
            ThinPool = new ThinPool(new(900), new(1700)),
        };
        Assert.Equal(new LayoutCapacity(new(1800), new(100)), LayoutCapacity.Of(layout, group));
    }

    [Fact]
    public void ThinPoolSize_NeverTakesMoreThanIsFree() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000), Prop.ForAll(
            Gen.Choose(0, 1 << 28).Zip(ExtentSizes).ToArbitrary(), test =>
            {
                var size = ThinPoolSize.In(new(test.Item1), test.Item2);
                return (size.Data + size.Metadata + size.Metadata).Value <= test.Item1
                    && (size.Data == ExtentCount.Zero) == (size.Metadata == ExtentCount.Zero);
            }));

    private static Gen<AllocationCase> Cases =>
        from layout in Layouts
        from extentSize in ExtentSizes
        from disks in Gen.Choose(0, 6)
        from free in Gen.Choose(0, 50).Select(extents => (long)extents).ArrayOf(disks)
        from extents in Gen.Choose(1, 80)
        select new AllocationCase(layout, extentSize, free, extents);

    private static LayoutCost Cost(long volume, long space) => new(new ExtentCount(volume), new ExtentCount(space));

    public sealed record AllocationCase(Layout Layout, ExtentSize ExtentSize, long[] Free, long Extents);
}
