using LocalPv.Core.Outcomes;
using LocalPv.Hosting.Kubernetes;

namespace LocalPv.Hosting.Tests.Kubernetes;

public sealed class YamlTreeTests
{
    [Theory]
    [InlineData("a: 1", """{"a":1}""")]
    [InlineData("a: '1'", """{"a":"1"}""")]
    [InlineData("a: 1Gi", """{"a":"1Gi"}""")]
    [InlineData("a: 1.5", """{"a":1.5}""")]
    [InlineData("a: 0644", """{"a":420}""")]
    [InlineData("a: 0777777777777777777777", """{"a":9223372036854775807}""")]
    [InlineData("a: 00000000000000000000000000000017", """{"a":15}""")]
    [InlineData("a: 077777777777777777777777", """{"a":77777777777777777777777}""")]
    [InlineData("a: 0x1f", """{"a":31}""")]
    [InlineData("a: yes", """{"a":true}""")]
    [InlineData("a: ~", """{"a":null}""")]
    [InlineData("a:", """{"a":null}""")]
    [InlineData("a: 12345678901234567890123", """{"a":12345678901234567890123}""")]
    [InlineData("a: |\n  {\n  }\n", """{"a":"{\n}\n"}""")]
    [InlineData("x: &x {b: 1, c: 2}\ny: {<<: *x, c: 3}", """{"x":{"b":1,"c":2},"y":{"b":1,"c":3}}""")]
    [InlineData("- a\n- [b, {c: d}]", """["a",["b",{"c":"d"}]]""")]
    public void Document_BecomesJson(string yaml, string json) =>
        Assert.Equal(json, Assert.Single(YamlTree.ReadAll(yaml, "f").Value).ToString());

    [Fact]
    public void Documents_ThatAreEmpty_AreLeftOut() =>
        Assert.Equal(2, YamlTree.ReadAll("---\n# nothing\n---\na: 1\n---\n---\nb: 2\n", "f").Value.Count);

    [Theory]
    [InlineData("a: [")]
    [InlineData("a: 1\na: 2")]
    [InlineData("{[1]: 2}")]
    public void Text_ThatIsNotAManifest_IsRefusedNamingSourceAndLine(string yaml)
    {
        var outcome = YamlTree.ReadAll(yaml, "my.yaml");

        Assert.Equal(OutcomeKind.Refused, outcome.Kind);
        Assert.StartsWith("my.yaml, line ", outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Aliases_ThatMultiplyEachOther_AreRefused()
    {
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + string.Concat(Enumerable.Range(1, 9).Select(i =>
            $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));

        Assert.Equal(OutcomeKind.Refused, YamlTree.ReadAll(bomb, "f").Kind);
    }
}
