using FsCheck;
using FsCheck.Fluent;
using LocalPv.Core.Identity;
using LocalPv.Core.Provisioning;
using LocalPv.Core.Units;

namespace LocalPv.Core.Tests.Provisioning;

public sealed class FailedOnTests
{
    private static readonly Instant Noon = Instant.Epoch + TimeSpan.FromHours(12);
    private static readonly NodeName A = NodeName.Parse("node-a");
    private static readonly NodeName B = NodeName.Parse("node-b");

    [Fact]
    public void With_FirstFailure_IsWrittenAsOneEntry() => Assert.Equal(
        """[{"count":1,"message":"full","node":"node-a","reason":"NoSpace","time":"1970-01-01T12:00:00Z"}]""",
        FailedOn.Nothing.With(A, "NoSpace", "full", Noon).ToString());

    [Fact]
    public void With_AnotherNode_KeepsTheFreshEntryAndForgetsTheOldOne()
    {
        var both = FailedOn.Nothing.With(A, "NoSpace", "", Noon).With(B, "NoSpace", "", Noon + TimeSpan.FromMinutes(29));
        Assert.Equal([A, B], both.Entries.Select(entry => entry.Node));
        Assert.Equal([B], FailedOn.Nothing.With(A, "NoSpace", "", Noon).With(B, "NoSpace", "", Noon + TimeSpan.FromMinutes(30))
            .Entries.Select(entry => entry.Node));
    }

    [Fact]
    public void KeptAwayUntil_GrowsWithEachFailureUpToFiveMinutes()
    {
        var failed = FailedOn.Nothing;
        var waits = new List<double>();
        for (var i = 0; i < 7; i++)
        {
            failed = failed.With(A, "NoSpace", "", Noon);
            waits.Add((failed.KeptAwayUntil(A) - Noon).TotalSeconds);
        }

        Assert.Equal([15, 30, 60, 120, 240, 300, 300], waits);
        Assert.Equal(Instant.Epoch, failed.KeptAwayUntil(B));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("[1,\"a\",{\"node\":\"UPPER\",\"time\":\"2026-01-01T00:00:00Z\"},{\"node\":\"a\"}]")]
    public void Read_WhatWeDidNotWrite_IsNothing(string? text) => Assert.Empty(FailedOn.Read(text).Entries);

    [Fact]
    public void With_ManyNodes_KeepsTheNewestAndStaysSmall()
    {
        var failed = FailedOn.Nothing;
        for (var i = 0; i < 100; i++)
        {
            failed = failed.With(NodeName.Parse("n" + i), "NoSpace", new string('x', 1000), Noon + TimeSpan.FromSeconds(i));
        }

        Assert.Equal(FailedOn.EntriesMax, failed.Entries.Length);
        Assert.NotNull(failed.On(NodeName.Parse("n99")));
        Assert.Null(failed.On(NodeName.Parse("n83")));
        Assert.True(failed.ToString().Length < 16 << 10);
    }

    [Fact]
    public void Read_OfWhatWasWritten_IsTheSame()
    {
        var failures =
            from node in Gen.Choose(0, 20)
            from seconds in Gen.Choose(0, 4000)
            from message in ArbMap.Default.GeneratorFor<string?>()
            select (Node: NodeName.Parse("n" + node), At: Noon + TimeSpan.FromSeconds(seconds), Message: message ?? "");
        Prop.ForAll(Arb.From(Gen.ListOf(failures)), list =>
        {
            var failed = FailedOn.Nothing;
            foreach (var (node, at, message) in list.OrderBy(failure => failure.At))
            {
                failed = failed.With(node, "NoSpace", WithoutLoneSurrogates(message), at);
            }

            Assert.Equal(failed.Entries.AsEnumerable(), FailedOn.Read(failed.ToString()).Entries);
        }).QuickCheckThrowOnFailure();
    }

    private static string WithoutLoneSurrogates(string text) => new([.. text.Where(c => !char.IsSurrogate(c))]);
}
