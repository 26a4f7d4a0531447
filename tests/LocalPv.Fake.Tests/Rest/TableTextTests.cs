using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Rest.Tables;

namespace LocalPv.Fake.Tests.Rest;

/// <summary>What stands in the cells of tables.</summary>
public sealed class TableTextTests
{
    [Theory]
    [InlineData(-5, "<invalid>")]
    [InlineData(0, "0s")]
    [InlineData(119, "119s")]
    [InlineData(120, "2m")]
    [InlineData(125, "2m5s")]
    [InlineData(600, "10m")]
    [InlineData(10799, "179m")]
    [InlineData(10800, "3h")]
    [InlineData(11000, "3h3m")]
    [InlineData(28800, "8h")]
    [InlineData(172799, "47h")]
    [InlineData(172800, "2d")]
    [InlineData(180000, "2d2h")]
    [InlineData(691200, "8d")]
    [InlineData(63072000, "2y")]
    [InlineData(63158400, "2y1d")]
    [InlineData(252288000, "8y")]
    public void Age_IsAsKubectlPrintsIt(long seconds, string text) => Assert.Equal(text, HumanDuration.Of(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Age_OfNoTime_IsUnknown() => Assert.Equal("<unknown>", HumanDuration.Since(Instant.Epoch, null));

    [Theory]
    [InlineData(".a.b", "1")]
    [InlineData(".list[0].n", "x")]
    [InlineData(".list[-1].n", "y")]
    [InlineData(".list[*].n", "x y")]
    [InlineData(".list[?(@.n==\"y\")].v", "2")]
    [InlineData(".labels.a\\.b/c", "z")]
    [InlineData(".labels['a.b/c']", "z")]
    [InlineData(".none.at.all", "")]
    [InlineData(".list[7]", "")]
    [InlineData(".list[", "")]
    public void Path_FindsWhatItNames(string path, string found)
    {
        var tree = JsonTree.Parse("""{"a":{"b":1},"list":[{"n":"x","v":1},{"n":"y","v":2}],"labels":{"a.b/c":"z"}}""");

        var values = JsonPath.Parse(path).Find(tree).Select(value => value is JsonText text ? text.Value : value.ToString());

        Assert.Equal(found, string.Join(' ', values));
    }

    [Fact]
    public void CustomColumn_ByItsType_ShowsOrStaysEmpty()
    {
        var version = (JsonMap)JsonTree.Parse("""
            {"additionalPrinterColumns":[{"name":"N","type":"integer","jsonPath":".n"},{"name":"T","type":"string","jsonPath":".t"},
            {"name":"D","type":"date","jsonPath":".d"},{"name":"B","type":"boolean","jsonPath":".n","priority":1}]}
            """);
        var item = (JsonMap)JsonTree.Parse("""{"metadata":{"name":"x"},"n":3,"d":"1970-01-01T00:00:00Z"}""");

        var columns = CustomColumns.Of(version);
        var cells = columns.Select(column => column.Cell(item, Instant.Epoch + TimeSpan.FromMinutes(5)).ToString());

        Assert.Equal(["\"x\"", "3", "null", "\"5m\"", "null"], cells);
        Assert.Equal([0, 0, 0, 0, 1], columns.Select(column => column.Priority));
    }
}
