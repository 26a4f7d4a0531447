using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using LocalPv.Core.Units;

namespace LocalPv.Core.Tests.Texts;

/// <summary>Times are written and read by hand, as the framework would.</summary>
public sealed class Rfc3339Tests
{
    private static readonly Gen<Instant> Moments =
        from days in Gen.Choose(-719_000, 2_900_000)
        from millis in Gen.Choose(0, 86_399_999)
        from ticks in Gen.Choose(0, 9_999)
        select new Instant((days * TimeSpan.TicksPerDay) + (millis * TimeSpan.TicksPerMillisecond) + ticks);

    [Fact]
    public void Write_AnyMoment_IsAsTheFrameworkWritesIt() => Prop.ForAll(Arb.From(Moments), moment =>
    {
        var utc = moment.ToDateTimeOffset().UtcDateTime;
        Assert.Equal(utc.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture), moment.ToRfc3339());
        Assert.Equal(utc.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture), moment.ToRfc3339Micro());
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Read_AnyMomentWithAnyLetterChanged_IsAsTheFrameworkReadsIt()
    {
        var texts =
            from moment in Moments
            from micro in Gen.Elements(false, true)
            from place in Gen.Choose(0, 26)
            from letter in Gen.Elements("0123456789:-.TZtz +".ToCharArray())
            let text = micro ? moment.ToRfc3339Micro() : moment.ToRfc3339()
            select string.Concat(text.Select((known, at) => at == place ? letter : known));
        Prop.ForAll(Arb.From(texts), text =>
        {
            var isTime = DateTimeOffset.TryParse(
                text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var expected);
            Assert.Equal(isTime, Instant.TryParseRfc3339(text, out var read));
            Assert.Equal(isTime ? Instant.From(expected) : default, read);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
    }

    [Theory]
    [InlineData("2026-02-29T00:00:00Z")]
    [InlineData("2026-13-01T00:00:00Z")]
    [InlineData("2026-12-31T24:00:00Z")]
    [InlineData("2026-12-31T23:59:60Z")]
    [InlineData("0000-01-01T00:00:00Z")]
    public void Read_WhatIsNoMoment_IsNone(string text) => Assert.False(Instant.TryParseRfc3339Exactly(text, micro: false, out _));

    [Fact]
    public void ReadExactly_AnyMoment_TakesOnlyTheFormThatWasAskedFor() => Prop.ForAll(Arb.From(Moments), moment =>
    {
        Assert.True(Instant.TryParseRfc3339Exactly(moment.ToRfc3339Micro(), micro: true, out var read));
        Assert.Equal(moment.ToRfc3339Micro(), read.ToRfc3339Micro());
        Assert.False(Instant.TryParseRfc3339Exactly(moment.ToRfc3339Micro(), micro: false, out _));
        Assert.True(Instant.TryParseRfc3339Exactly(moment.ToRfc3339(), micro: false, out _));
        Assert.False(Instant.TryParseRfc3339Exactly(moment.ToRfc3339(), micro: true, out _));
    }).QuickCheckThrowOnFailure();
}
