using System.Net.Sockets;
using System.Text;
using LocalPv.Core.Tests.Agents;
using LocalPv.Hosting.Extender;

namespace LocalPv.Hosting.Tests.Extender;

/// <summary>What callers can make the extender hold is bounded, and who is slow or large is in nobody's way.</summary>
public sealed class ExtenderMemoryTests
{
    private const string Start = """{"Pod":{"metadata":{"name":"p","namespace":"default","uid":"u"}},""";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("\"Nodes\":{\"items\":[", "{}", "]}}")]
    [InlineData("\"Nodes\":{\"items\":[", "{\"metadata\":{\"name\":\"n\"}}", "]}}")]
    [InlineData("\"NodeNames\":[", "\"\"", "]}")]
    [InlineData("\"NodeNames\":[", "\"\\u006e\"", "]}")]
    public async Task Call_MoreNodesThanAnyClusterHas_Is413_AndWhatIsNotedOfThemIsBounded(string before, string node, string after)
    {
        await using var server = await ExtenderServer.StartAsync(World());
        var body = Encoding.UTF8.GetBytes(Start + before + string.Join(',', Enumerable.Repeat(node, 6_000_000 / node.Length)) + after);
        foreach (var verb in new[] { "filter", "prioritize" })
        {
            var (status, answer) = await server.PostAsync("/scheduler/" + verb, body);
            Assert.Equal(413, status);
            Assert.Contains("100000 nodes", Encoding.UTF8.GetString(answer), StringComparison.Ordinal);
        }

        // About what the places of 100,000 nodes take, and half as much while a list grows.
        Assert.InRange(Allocated(body), 0, 16 << 20);
    }

    [Fact]
    public async Task Call_AsManyNodesAsThereMayBe_IsAnswered()
    {
        await using var server = await ExtenderServer.StartAsync(World());
        var nodes = string.Join(
            ',', Enumerable.Range(0, ExtenderCall.NodesMax).Select(number => $$$"""{"metadata":{"name":"n{{{number}}}"}}"""));
        var answer = await server.AskAsync("filter", Encoding.UTF8.GetBytes(Start + "\"Nodes\":{\"items\":[" + nodes + "]}}"));
        Assert.Equal(ExtenderCall.NodesMax, answer.GetProperty("Nodes").GetProperty("items").GetArrayLength());
        var names = string.Join(',', Enumerable.Range(0, ExtenderCall.NodesMax).Select(number => $"\"n{number}\""));
        var scores = await server.AskAsync("prioritize", Encoding.UTF8.GetBytes(Start + "\"NodeNames\":[" + names + "]}"));
        Assert.Equal(ExtenderCall.NodesMax, scores.GetArrayLength());
    }

    [Fact]
    public async Task Filter_AnswerOfSeveralPieces_IsWhole()
    {
        await using var server = await ExtenderServer.StartAsync(World());
        var pod = """{"metadata":{"uid":"u","namespace":"default"},"spec":{"volumes":[{"persistentVolumeClaim":{"claimName":"a"}}]}}""";
        var names = Enumerable.Range(0, 20_000).Select(number => "m" + number).ToArray();
        var body = Encoding.UTF8.GetBytes($$"""{"Pod":{{pod}},"NodeNames":["{{string.Join("\",\"", names)}}"]}""");
        var answer = await server.AskAsync("filter", body);
        Assert.Equal(names, answer.GetProperty("FailedAndUnresolvableNodes").EnumerateObject().Select(node => node.Name));
        Assert.Equal("", answer.GetProperty("Error").GetString());
        var scores = await server.AskAsync("prioritize", body);
        Assert.Equal(names, scores.EnumerateArray().Select(score => score.GetProperty("Host").GetString()));
    }

    // Texts that would be copied, some of them twice, before anything looks at them.
    [Theory]
    [InlineData("{\"", "\":1,\"Pod\":{},\"NodeNames\":[]}", null)]
    [InlineData("{\"Pod\":{},\"NodeNames\":[\"\\n", "\"]}", "at most 253")]
    [InlineData("{\"Pod\":{},\"NodeNames\":[\"", "\"]}", "at most 253")]
    [InlineData("{\"Pod\":{},\"Nodes\":{\"items\":[{\"metadata\":{\"name\":\"", "\"}}]}}", "at most 253")]
    [InlineData("{\"Pod\":{\"metadata\":{\"name\":\"", "\"}},\"NodeNames\":[]}", "at most 253")]
    [InlineData("{\"Pod\":{\"metadata\":{\"labels\":\"", "\"}},\"NodeNames\":[]}", null)]
    [InlineData(
        "{\"Pod\":{\"spec\":{\"volumes\":[{\"persistentVolumeClaim\":{\"claimName\":\"", "\"}}]}},\"NodeNames\":[]}", "at most 253")]
    public void Read_LongTexts_TakeNoMemory(string before, string after, string? problem)
    {
        var text = Encoding.UTF8.GetBytes(before + new string('x', 20 << 20) + after);
        var error = Record.Exception(() => Read(text));
        Assert.InRange(Allocated(text), 0, 1 << 20);
        if (problem is null)
        {
            Assert.Null(error);
        }
        else
        {
            Assert.Contains(problem, Assert.IsType<MalformedRequestException>(error).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Read_PodWithMoreVolumesThanAnyNodeMounts_IsRefused()
    {
        static byte[] Text(int volumes) => Encoding.UTF8.GetBytes("""{"Pod":{"spec":{"volumes":["""
            + string.Join(',', Enumerable.Repeat("""{"persistentVolumeClaim":{"claimName":"a"}}""", volumes)) + "]}},\"NodeNames\":[]}");
        Read(Text(1000));
        Assert.Contains("1000 volumes", Assert.Throws<MalformedRequestException>(() => Read(Text(1001))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SlowCalls_HoldUpNobody()
    {
        await using var server = await ExtenderServer.StartAsync(World(), new ExtenderHttpOptions { CallsMax = 1 });
        var slow = new List<Socket>();
        for (var i = 0; i < 10; i++)
        {
            slow.Add(await SendAsync(server, announced: 5000, Start));
        }

        var answer = await server.AskAsync("filter", Names("n1")).WaitAsync(Patience);
        Assert.Equal(1, answer.GetProperty("NodeNames").GetArrayLength());
        slow.ForEach(socket => socket.Dispose());
    }

    [Fact]
    public async Task LargeCalls_ShareWhatThereIs_InTheirOrder_AndSmallOnesGoOn()
    {
        await using var server = await ExtenderServer.StartAsync(
            World(), new ExtenderHttpOptions { SmallBytesMax = 1000, LargeBytesMax = 30 << 20, CallsMax = 1 });
        var text = Encoding.UTF8.GetString(Names("n1")) + new string(' ', 5000);
        using var first = await SendAsync(server, text.Length, text[..4000]);
        await Task.Delay(200);
        var second = server.AskAsync("filter", Encoding.UTF8.GetBytes(text));
        await server.AskAsync("filter", Names("n1")).WaitAsync(Patience);
        Assert.False(second.IsCompleted);

        await first.SendAsync(Encoding.ASCII.GetBytes(text[4000..]));
        var buffer = new byte[12];
        Assert.Equal(buffer.Length, await first.ReceiveAsync(buffer));
        Assert.Equal("HTTP/1.1 200", Encoding.ASCII.GetString(buffer));
        Assert.Equal(1, (await second.WaitAsync(Patience)).GetProperty("NodeNames").GetArrayLength());
    }

    [Fact]
    public async Task BodyMemory_MoreThanThereIs_WaitsInOrder_AndWhoGivesUpIsPassedOver()
    {
        var memory = new BodyMemory(60L << 20);
        var one = await memory.RentAsync(1 << 20, default);
        var two = await memory.RentAsync(1 << 20, default);
        using var giveUp = new CancellationTokenSource();
        var largest = memory.RentAsync(1 << 30, giveUp.Token).AsTask();
        var three = memory.RentAsync(1 << 20, default).AsTask();
        memory.Return(one);
        await Task.WhenAny(largest, three, Task.Delay(200));
        Assert.False(largest.IsCompleted);
        Assert.False(three.IsCompleted);

        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => largest);
        Assert.Same(one, await three.WaitAsync(Patience));
        memory.Return(two);
        memory.Return(one);
        Assert.InRange((await memory.RentAsync(100 << 20, default).AsTask().WaitAsync(Patience)).Length, 100 << 20, 128 << 20);
    }

    private static void Read(byte[] text)
    {
        var scanner = new BracketScanner();
        scanner.Advance(text, last: true);
        new ExtenderCall().Read(text, scanner);
    }

    private static long Allocated(byte[] text)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        _ = Record.Exception(() => Read(text));
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static async Task<Socket> SendAsync(ExtenderServer server, int announced, string text)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.Address.Host, server.Address.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            $"POST /scheduler/filter HTTP/1.1\r\nHost: x\r\nContent-Length: {announced}\r\n\r\n{text}"));
        return socket;
    }

    private static byte[] Names(string name) => Encoding.UTF8.GetBytes($$"""{{Start}}"NodeNames":["{{name}}"]}""");

    // Class fast; n1 has room for claim a.
    private static ExtenderWorld World()
    {
        var world = new ExtenderWorld().Put(ExtenderWorld.StorageClass("fast"), ExtenderWorld.Claim("a", "2Gi"));
        return world.Put(world.Storage("fast", "n1", free: "50Gi")).Start();
    }
}
