using LocalPv.Core.Units;

namespace LocalPv.Core.Tests.Quantities;

public sealed class QuantityTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("128974848", 128974848)]
    [InlineData("1.5Gi", 1610612736)]
    [InlineData("100M", 100_000_000)]
    [InlineData("1e3", 1000)]
    [InlineData("1E3", 1000)]
    [InlineData("1E", 1_000_000_000_000_000_000)]
    [InlineData("1e+3", 1000)]
    [InlineData("1E-3", 1)]
    [InlineData("12e-1", 2)]
    [InlineData("0.5", 1)]
    [InlineData("0.5Ki", 512)]
    [InlineData("100m", 1)]
    [InlineData("1500m", 2)]
    [InlineData("2000m", 2)]
    [InlineData("1n", 1)]
    [InlineData("1u", 1)]
    [InlineData("3k", 3000)]
    [InlineData("7G", 7_000_000_000)]
    [InlineData("7T", 7_000_000_000_000)]
    [InlineData("7P", 7_000_000_000_000_000)]
    [InlineData("1Ki", 1L << 10)]
    [InlineData("1Mi", 1L << 20)]
    [InlineData("1Ti", 1L << 40)]
    [InlineData("1Pi", 1L << 50)]
    [InlineData("7Ei", 7L << 60)]
    [InlineData("+5", 5)]
    [InlineData("-0", 0)]
    [InlineData(".5Ki", 512)]
    [InlineData("5.Ki", 5120)]
    [InlineData("00000000000000000000000000000000000010", 10)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("0e999999999999999999999999", 0)]
    [InlineData("1e-999999999999999999999999", 1)]
    [InlineData("7.9999999999999999991326382620115Ei", long.MaxValue)]
    public void TryParse_OfAQuantity_GivesTheBytesRoundedUp(string text, long bytes)
    {
        Assert.True(Quantity.TryParse(text, out var parsed, out var error), error);
        Assert.Equal(new Bytes(bytes), parsed);
        Assert.Equal("", error);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("1 Gi")]
    [InlineData("1Gi ")]
    [InlineData("Gi")]
    [InlineData(".")]
    [InlineData("+")]
    [InlineData("1GB")]
    [InlineData("1K")]
    [InlineData("1ki")]
    [InlineData("1e")]
    [InlineData("1e+")]
    [InlineData("1e1.5")]
    [InlineData("1e3Ki")]
    [InlineData("0x10")]
    [InlineData("1,5Gi")]
    [InlineData("1_000")]
    [InlineData("١")]
    [InlineData("1.2.3")]
    [InlineData("NaN")]
    public void TryParse_OfSomethingElse_SaysThatItIsNoQuantity(string? text)
    {
        Assert.False(Quantity.TryParse(text, out _, out var error));
        Assert.Contains($"'{text}' is not a quantity", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("9223372036854775808")]
    [InlineData("8Ei")]
    [InlineData("7.9999999999999999991326382620116Ei")]
    [InlineData("10Ei")]
    [InlineData("12E")]
    [InlineData("1e19")]
    [InlineData("1e999999999999999999999999")]
    [InlineData("9223372036854775807.000001")]
    [InlineData("-12E")]
    public void TryParse_OfTooMuch_SaysSo(string text)
    {
        Assert.False(Quantity.TryParse(text, out _, out var error));
        Assert.Contains($"'{text}' is too large", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("-1n")]
    [InlineData("-0.1Gi")]
    public void TryParse_OfLessThanNothing_SaysSo(string text)
    {
        Assert.False(Quantity.TryParse(text, out _, out var error));
        Assert.Contains($"'{text}' is negative", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(1, "1")]
    [InlineData(1023, "1023")]
    [InlineData(1024, "1Ki")]
    [InlineData(1536, "1536")]
    [InlineData(1610612736, "1536Mi")]
    [InlineData(1L << 60, "1Ei")]
    [InlineData(long.MaxValue, "9223372036854775807")]
    public void Format_UsesTheLargestUnitThatDivides(long bytes, string text) => Assert.Equal(text, Quantity.Format(new Bytes(bytes)));
}
