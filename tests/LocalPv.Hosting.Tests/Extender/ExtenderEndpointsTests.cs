using System.Globalization;
using System.Text;
using System.Text.Json;
using LocalPv.Core.Tests.Agents;
using LocalPv.Hosting.Extender;

namespace LocalPv.Hosting.Tests.Extender;

public sealed class ExtenderEndpointsTests
{
    private const string PodText = """
        {"metadata":{"name":"p","namespace":"default","uid":"u"},
        "spec":{"volumes":[{"name":"v","persistentVolumeClaim":{"claimName":"a"}}]}}
        """;

    [Fact]
    public async Task Call_BeforeTheClusterWasSeen_Is503()
    {
        await using var server = await ExtenderServer.StartAsync(new ExtenderWorld().Start("PersistentVolumeClaim"));
        Assert.Equal(503, (await server.GetAsync("/readyz")).Status);
        Assert.Equal(200, (await server.GetAsync("/healthz")).Status);
        Assert.Equal(503, (await server.PostAsync("/scheduler/filter", Names(PodText, "n1"))).Status);
        Assert.Equal(503, (await server.PostAsync("/scheduler/prioritize", Names(PodText, "n1"))).Status);
    }

    [Fact]
    public async Task Readyz_ClusterSeen_Is200()
    {
        await using var server = await ExtenderServer.StartAsync(World().Start());
        Assert.Equal(200, (await server.GetAsync("/readyz")).Status);
    }

    [Theory]
    [InlineData("", "ends where")]
    [InlineData("nonsense", "'n' where '{'")]
    [InlineData("[]", "'[' where '{'")]
    [InlineData("""{"Pod":{"metadata":{}""", "ends inside")]
    [InlineData("""{"Pod":{}}}""", "bracket too many")]
    [InlineData("""{"Pod":{},"NodeNames":["a"}]""", "was expected")]
    [InlineData("""{"Pod":{},"NodeNames":["a" "b"]}""", "'\"' where ','")]
    [InlineData("""{"Pod":{},"NodeNames":["a",]}""", "']' where")]
    [InlineData("""{"Pod":{},"NodeNames":[1]}""", "'1' where '\"'")]
    [InlineData("""{"Pod":{},"NodeNames":{}}""", "'{' where '['")]
    [InlineData("""{"Pod":{},"NodeNames":["a"]} x""", "the end")]
    [InlineData("""{"NodeNames":["a"]}""", "no Pod")]
    [InlineData("""{"Pod":null,"NodeNames":["a"]}""", "no Pod")]
    [InlineData("""{"Pod":{},"Nodes":null,"NodeNames":null}""", "neither Nodes nor NodeNames")]
    [InlineData("""{"Pod":{},"Nodes":{"items":[{}]}}""", "no metadata.name")]
    [InlineData("""{"Pod":{},"Nodes":{"items":[7]}}""", "'7' where a node")]
    [InlineData("""{"Pod":{"spec":{"volumes":[{"persistentVolumeClaim":}]}},"NodeNames":["a"]}""", "not a request")]
    [InlineData("""{"Pod":{},"NodeNames":["\ud800"]}""", "not a request")]
    [InlineData("{\"Pod\":{},\"NodeNames\":[\"a\",\n\"\u001b[2J\"]}", "control character")]
    [InlineData("{\"Pod\":{},\"Nodes\":{\"items\":[{\"metadata\":{\"name\":\"\u001b[2J\"}}]}}", "not a request")]
    [InlineData("{\"Pod\":{},\"NodeNames\":\u0007}", "not a request")]
    public async Task Call_Malformed_Is400AndSaysWhat(string body, string expected)
    {
        await using var server = await ExtenderServer.StartAsync(World().Start());
        foreach (var verb in new[] { "filter", "prioritize" })
        {
            var (status, answer) = await server.PostAsync("/scheduler/" + verb, body);
            Assert.Equal(400, status);
            Assert.Contains(expected, Encoding.UTF8.GetString(answer), StringComparison.Ordinal);
            Assert.DoesNotContain(Encoding.UTF8.GetString(answer).TrimEnd('\n'), char.IsControl);
        }

        var next = await server.AskAsync("filter", Encoding.UTF8.GetBytes(Names(PodText, "n1")));
        Assert.Equal("[]", next.GetProperty("NodeNames").GetRawText());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Filter_NameThatIsNotUtf8_Is400(bool whole)
    {
        await using var server = await ExtenderServer.StartAsync(World().Start());
        var text = whole ? """{"Pod":{},"Nodes":{"items":[{"metadata":{"name":"?"}}]}}""" : """{"Pod":{},"NodeNames":["?"]}""";
        var body = Encoding.UTF8.GetBytes(text);
        body[Array.IndexOf(body, (byte)'?')] = 0xff;
        Assert.Equal(400, (await server.PostAsync("/scheduler/filter", body)).Status);
    }

    // The names are the scheduler's: it finds its nodes by them. The rest is read by people, in kubectl and in logs.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Filter_NamesWithEscapedControls_GoBackAsTheyCame_AndTheWordsAreClean(bool whole)
    {
        const string Sent = @"evil\u001b[2J\u0007";
        var world = World().Put(ExtenderWorld.Claim(
            "bad", "2Gi", failedOn: """[{"node":"n2","reason":"x\u001b[2J","message":"","time":"2099-01-01T00:00:00Z","count":1}]"""));
        await using var server = await ExtenderServer.StartAsync(world.Start());
        string[] pods = [PodText, PodText.Replace("\"a\"", "\"bad\"", StringComparison.Ordinal), """{"metadata":{"uid":"v"}}"""];
        foreach (var pod in pods)
        {
            var nodes = whole
                ? $$$"""{"Pod":{{{pod}}},"Nodes":{"items":[{"metadata":{"name":"{{{Sent}}}"}},{"metadata":{"name":"n2"}}]}}"""
                : $$"""{"Pod":{{pod}},"NodeNames":["{{Sent}}","n2"]}""";
            var answer = await server.AskAsync("filter", Encoding.UTF8.GetBytes(nodes));
            var failed = answer.GetProperty("FailedAndUnresolvableNodes").EnumerateObject().ToList();
            var passed = (whole
                ? answer.GetProperty("Nodes").GetProperty("items").EnumerateArray()
                    .Select(node => node.GetProperty("metadata").GetProperty("name"))
                : answer.GetProperty("NodeNames").EnumerateArray()).Select(name => name.GetString());
            Assert.Contains("evil\u001b[2J\u0007", passed.Concat(failed.Select(node => node.Name)));
            Assert.All(failed, node => Assert.DoesNotContain(node.Value.GetString()!, char.IsControl));
            Assert.DoesNotContain(answer.GetProperty("Error").GetString()!, char.IsControl);
        }

        const string Unknown = """
            {"metadata":{"name":"p\u001b[2J","uid":"w"},"spec":{"volumes":[{"persistentVolumeClaim":{"claimName":"c\u0007"}}]}}
            """;
        var error = await server.AskAsync("filter", Encoding.UTF8.GetBytes($$"""{"Pod":{{Unknown}},"NodeNames":["n1"]}"""));
        Assert.Contains(@"c\u0007", error.GetProperty("Error").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain(error.GetProperty("Error").GetString()!, char.IsControl);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_LargerThanTheLimit_Is413AndSaysWhatToDo(bool chunked)
    {
        await using var server = await ExtenderServer.StartAsync(World().Start(), new ExtenderHttpOptions { BodyBytesMax = 100_000 });
        var body = Encoding.UTF8.GetBytes(Names(PodText, new string('n', 100_000)));
        var (status, answer) = await server.PostAsync("/scheduler/filter", body, chunked);
        Assert.Equal(413, status);
        Assert.Contains("nodeCacheCapable: true", Encoding.UTF8.GetString(answer), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Filter_LargeBody_IsReadWhole(bool chunked)
    {
        await using var server = await ExtenderServer.StartAsync(World().Start());
        var body = Encoding.UTF8.GetBytes($$"""{"Pod":{{PodText}},{{new string(' ', 9 << 20)}}"NodeNames":["n1","n2"]}""");
        for (var call = 0; call < 2; call++)
        {
            var answer = await server.AskAsync("filter", body, chunked);
            Assert.Equal("""["n2"]""", answer.GetProperty("NodeNames").GetRawText());
        }
    }

    [Fact]
    public async Task Filter_KeysInOtherCasesAndOrder_AreUnderstood()
    {
        await using var server = await ExtenderServer.StartAsync(World().Start());
        var answer = await server.AskAsync(
            "filter", Encoding.UTF8.GetBytes($$"""{ "nodenames" : [ "n2" , "n1" ], "NODES" : null , "pod" : {{PodText}} }"""));
        Assert.Equal("""["n2"]""", answer.GetProperty("NodeNames").GetRawText());
    }

    [Fact]
    public async Task Filter_ClaimNotSeenYet_IsAnErrorInTheAnswer()
    {
        await using var server = await ExtenderServer.StartAsync(new ExtenderWorld().Start());
        var answer = await server.AskAsync("filter", Encoding.UTF8.GetBytes(Names(PodText, "n1")));
        Assert.Contains("default/a", answer.GetProperty("Error").GetString(), StringComparison.Ordinal);
        Assert.Empty(answer.GetProperty("NodeNames").EnumerateArray());
        Assert.Equal(503, (await server.PostAsync("/scheduler/prioritize", Names(PodText, "n1"))).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Filter_WholeNodesOf64Megabytes_PassesTheRightOnes(bool chunked)
    {
        var world = World();
        var nodes = Enumerable.Range(0, 8000).Select(number => "node-" + number.ToString(CultureInfo.InvariantCulture)).ToArray();
        foreach (var (node, index) in nodes.Select((node, index) => (node, index)))
        {
            world.Put(world.Storage("fast", node, free: index % 10 == 7 ? "1Gi" : "50Gi"));
        }

        await using var server = await ExtenderServer.StartAsync(world.Start());
        var filler = string.Concat(Enumerable.Repeat("""{"names":["\"{[x"],"sizeBytes":1},""", 250)) + "{}";
        var body = Encoding.UTF8.GetBytes($$"""{"Pod":{{PodText}},"Nodes":{"metadata":{},"items":["""
            + string.Join(',', nodes.Select(node => $$$"""{"metadata":{"name":"{{{node}}}"},"status":{"images":[{{{filler}}}]}}"""))
            + "]},\"NodeNames\":null}");
        Assert.InRange(body.Length, 64 << 20, 80 << 20);
        var answer = await server.AskAsync("filter", body, chunked);
        Assert.Equal(
            nodes.Where((_, index) => index % 10 != 7),
            answer.GetProperty("Nodes").GetProperty("items").EnumerateArray()
                .Select(node => node.GetProperty("metadata").GetProperty("name").GetString()));
        Assert.Equal(800, answer.GetProperty("FailedAndUnresolvableNodes").EnumerateObject().Count());
    }

    [Fact]
    public async Task Calls_ManyAtOnce_EachGetsItsOwnAnswer()
    {
        var world = World();
        for (var i = 0; i < 40; i++)
        {
            world.Put(world.Storage("fast", "m" + i, free: "50Gi"));
        }

        await using var server = await ExtenderServer.StartAsync(world.Start());
        await Task.WhenAll(Enumerable.Range(0, 200).Select(async number =>
        {
            var node = "m" + (number % 40).ToString(CultureInfo.InvariantCulture);
            var answer = await server.AskAsync("filter", Encoding.UTF8.GetBytes(Names(PodText, "n1", node)));
            Assert.Equal(JsonSerializer.Serialize(new[] { node }), answer.GetProperty("NodeNames").GetRawText());
        }));
    }

    private static string Names(string pod, params string[] names) =>
        $$"""{"Pod":{{pod}},"Nodes":null,"NodeNames":{{JsonSerializer.Serialize(names)}}}""";

    // Class fast; n1 has 1Gi, n2 50Gi; claim a asks for 2Gi.
    private static ExtenderWorld World()
    {
        var world = new ExtenderWorld().Put(ExtenderWorld.StorageClass("fast"), ExtenderWorld.Claim("a", "2Gi"));
        return world.Put(world.Storage("fast", "n1", free: "1Gi"), world.Storage("fast", "n2", free: "50Gi"));
    }
}
