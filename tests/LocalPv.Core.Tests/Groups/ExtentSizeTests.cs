using LocalPv.Core.Units;

namespace LocalPv.Core.Tests.Groups;

/// <summary>What vgcreate of lvm2 2.03.16 took and refused as a size of extents, and what we choose from that.</summary>
public sealed class ExtentSizeTests
{
    [Theory]
    [InlineData(256, false, false)]
    [InlineData(512, true, false)]
    [InlineData(1 << 10, true, true)]
    [InlineData(100 << 10, false, false)]
    [InlineData(384 << 10, true, false)]
    [InlineData(4 << 20, true, true)]
    [InlineData(12 << 20, true, false)]
    [InlineData(16L << 30, true, true)]
    [InlineData(32L << 30, true, false)]
    [InlineData(2L << 40, false, false)]
    [InlineData(0, false, false)]
    public void TryFrom_TakesWhatLvmTakes_AndTryWishOnlyWhatWeChoose(long bytes, bool isLvms, bool isOurs)
    {
        Assert.Equal(isLvms, ExtentSize.TryFrom(new Bytes(bytes), out var size));
        Assert.Equal(isOurs, ExtentSize.TryWish(new Bytes(bytes), out _));
        Assert.Equal(isLvms ? bytes : ExtentSize.Default.Size.Value, size.Size.Value);
    }
}
