using System.IO.Pipelines;
using System.Text;
using LocalPv.Core.Tests.Agents;
using LocalPv.Hosting.Extender;

namespace LocalPv.Hosting.Tests.Extender;

/// <summary>Bodies are read as they come, and answers sent as they are made.</summary>
public sealed class RequestBodyTests
{
    [Fact]
    public async Task Read_MoreThanMay_StaysWithTheServer_AndAnotherGoesOnThere()
    {
        var pipe = new Pipe();
        var text = Enumerable.Range(0, 50_000).Select(number => (byte)(number % 251)).ToArray();
        await pipe.Writer.WriteAsync(text.AsMemory(0, 20_000));
        var small = new RequestBody();
        var reading = small.ReadAsync(pipe.Reader, 30_000, null, default);
        await pipe.Writer.WriteAsync(text.AsMemory(20_000));
        await pipe.Writer.CompleteAsync();
        await reading;
        Assert.False(small.IsWhole);
        Assert.Equal(text[..20_000], small.Text.ToArray());

        var large = new RequestBody(new byte[50_000]);
        large.CopyFrom(small);
        await large.ReadAsync(pipe.Reader, 50_000, null, default);
        Assert.True(large.IsWhole);
        Assert.Equal(text, large.Text.ToArray());
    }

    [Fact]
    public async Task Read_MemoryFollowsWhatIsThere_AndIsUsedAgain()
    {
        var body = new RequestBody();
        Assert.InRange(await AllocatedAsync(body, 300_000), 300_000, 600_000);
        body.Clear();
        Assert.InRange(await AllocatedAsync(body, 300_000), 0, 10_000);
        Assert.Equal(300_000, body.Length);
        Assert.InRange(await AllocatedAsync(new RequestBody(), 100), 0, 20_000);
    }

    [Theory]
    [InlineData("NodeNames", "\"{0}\"")]
    [InlineData("NodeNames", "\"\\u006e{1}\"")]
    [InlineData("Nodes", "{{\"metadata\":{{\"name\":\"{0}\"}}}}")]
    public async Task Prioritize_ManyNodes_EachHasItsScore(string key, string node)
    {
        var world = new ExtenderWorld().Put(ExtenderWorld.StorageClass("fast"), ExtenderWorld.Claim("a", "2Gi"));
        var names = Enumerable.Range(0, 5000).Select(number => "n" + number).ToArray();
        string[] free = ["1Gi", "2Gi", "42Gi", "72Gi", "102Gi"];
        world.Put([.. names.Take(100).Select((name, number) => world.Storage("fast", name, free: free[number % free.Length]))]).Start();
        await using var server = await ExtenderServer.StartAsync(world);
        var items = string.Join(',', names.Select(name => string.Format(null, node, name, name[1..])));
        var pod = """{"metadata":{"uid":"u","namespace":"default"},"spec":{"volumes":[{"persistentVolumeClaim":{"claimName":"a"}}]}}""";
        var nodes = key == "Nodes" ? "{\"items\":[" + items + "]}" : "[" + items + "]";
        var answer = await server.AskAsync("prioritize", Encoding.UTF8.GetBytes($$"""{"Pod":{{pod}},"{{key}}":{{nodes}}}"""));
        var scores = answer.EnumerateArray().Select(score => (
            score.GetProperty("Host").GetString()!, score.GetProperty("Score").GetInt32())).ToArray();
        var expected = world.Scores(ExtenderWorld.Pod("p", "a"), names);
        Assert.Contains(10, expected);
        Assert.Equal(names.Zip(expected), scores);
    }

    [Fact]
    public async Task Prioritize_AnswerByNames_SaysHowLongItIs()
    {
        await using var server = await ExtenderServer.StartAsync(new ExtenderWorld().Start());
        using var http = new HttpClient { BaseAddress = server.Address };
        var names = string.Join(',', Enumerable.Range(0, 5000).Select(number => $"\"n{number}\""));
        using var request = new StringContent($$"""{"Pod":{},"NodeNames":[{{names}}]}""");
        using var response = await http.PostAsync(new Uri("/scheduler/prioritize", UriKind.Relative), request);
        var announced = response.Content.Headers.ContentLength;
        Assert.Equal((await response.Content.ReadAsByteArrayAsync()).Length, announced);
        Assert.NotEqual(true, response.Headers.TransferEncodingChunked);
    }

    private static async Task<long> AllocatedAsync(RequestBody body, int size)
    {
        var pipe = PipeReader.Create(new System.Buffers.ReadOnlySequence<byte>(new byte[size]));
        var before = GC.GetAllocatedBytesForCurrentThread();
        await body.ReadAsync(pipe, size, null, default);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
