using LocalPv.Core.Outcomes;

namespace LocalPv.Core.Tests.Texts;

public sealed class PlainTextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("claim db/data-0 failed: ünïcödé, 数据, 😀", null)]
    [InlineData("one\r\ntwo\tthree", "one  two three")]
    [InlineData("\u001b[2J\u001b]0;title\u0007x", @"\u001b[2J\u001b]0;title\u0007x")]
    [InlineData("a\u0000b\u007fc\u009bd", @"a\u0000b\u007fc\u009bd")]
    [InlineData("safe\u202egnp.exe", @"safe\u202egnp.exe")]
    [InlineData("a\u2028b\u200bc\ufeff", @"a\u2028b\u200bc\ufeff")]
    public void Of_AnyText_HasNothingThatIsMoreThanACharacter(string text, string? expected)
    {
        Assert.Equal(expected ?? text, PlainText.Of(text));
        if (expected is null)
        {
            Assert.Same(text, PlainText.Of(text));
        }
    }

    // An attribute cannot hold these.
    [Fact]
    public void Of_HalfOfASurrogatePair_HasItsCode()
    {
        Assert.Equal(@"half \ud83d of a pair", PlainText.Of("half \ud83d of a pair"));
        Assert.Equal(@"other half \ude00", PlainText.Of("other half \ude00"));
    }
}
