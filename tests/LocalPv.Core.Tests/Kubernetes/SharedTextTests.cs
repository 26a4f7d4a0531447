using System.Globalization;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Core.Tests.Kubernetes;

/// <summary>What many documents have in common is held once, and nothing is ever taken for something else.</summary>
public sealed class SharedTextTests
{
    [Fact]
    public void Parse_TwoDocuments_HoldTheirCommonTextsOnce()
    {
        const string Text = """{"storageClassName":"fast","phase":"Bound"}""";
        var (one, other) = ((JsonMap)JsonTree.Parse(Text), (JsonMap)JsonTree.Parse(Text));
        Assert.Same(one["storageClassName"], other["storageClassName"]);
        Assert.Same(one.Keys.First(), other.Keys.First());
    }

    [Fact]
    public void Parse_TwoDocuments_HoldTheirSmallPartsOnce_AndNoLargeOnes()
    {
        const string Text =
            """{"small":{"requests":{"storage":"10Gi"}},"modes":["ReadWriteOnce"],"large":{"a":"1","b":"2","c":""},"none":[],"empty":{}}""";
        var (one, other) = ((JsonMap)JsonTree.Parse(Text), (JsonMap)JsonTree.Parse(Text));
        Assert.Same(one["small"], other["small"]);
        Assert.Same(one["modes"], other["modes"]);
        Assert.NotSame(one["large"], other["large"]);
        Assert.Equal(one, other);
        Assert.Equal(Text.Length, one.ToUtf8().Length);
    }

    [Theory]
    [InlineData("""{"a":"b"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"b":"a"}""")]
    [InlineData("""{"a":{"b":"c"}}""", """{"a":{"b":"d"}}""")]
    [InlineData("""["a","b"]""", """["b","a"]""")]
    [InlineData("""["a"]""", """["a","a"]""")]
    [InlineData("""{"a":"x","b":"y"}""", """{"a":"x","b":"z"}""")]
    public void Parse_PartsThatAreAlike_AreReadAsTheyAre(string one, string other)
    {
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(one, JsonTree.Parse(one).ToString());
            Assert.Equal(other, JsonTree.Parse(other).ToString());
        }
    }

    [Fact]
    public void Parse_AKeyTwiceInASmallObject_IsRefusedHoweverOftenItWasRead()
    {
        JsonTree.Parse("""{"a":"b"}""");
        Assert.Throws<System.Text.Json.JsonException>(() => JsonTree.Parse("""{"a":"b","a":"b"}"""));
        Assert.Throws<System.Text.Json.JsonException>(() => JsonTree.Parse("""{"a":"b","a":"b"}"""));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ünïcödé")]
    [InlineData("with \\\"escapes\\\" and \\u00e9")]
    [InlineData("a text that is longer than anything that is worth to be held only once for all of them")]
    public void Parse_TextOfAnyKind_IsReadAsItIs(string written)
    {
        for (var i = 0; i < 2; i++)
        {
            var tree = Assert.IsType<JsonText>(JsonTree.Parse($"\"{written}\""));
            Assert.Equal(System.Text.Json.JsonSerializer.Deserialize<string>($"\"{written}\""), tree.Value);
        }
    }

    [Fact]
    public async Task Parse_MoreTextsThanAreRemembered_OnManyThreads_ReadsEachAsItIs()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < 40_000; i++)
            {
                var expected = ((i * 7) + thread).ToString(CultureInfo.InvariantCulture);
                Assert.Equal(expected, ((JsonText)JsonTree.Parse($"\"{expected}\"")).Value);
            }
        })));
    }
}
