using System.Collections.Concurrent;
using System.Text;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Hosting.Kubernetes;
using Microsoft.AspNetCore.Http;

namespace LocalPv.Hosting.Tests.Kubernetes;

public sealed class HttpWatchTests
{
    private const string Two =
        """
        {"type":"ADDED","object":{"kind":"Node","metadata":{"name":"ä","resourceVersion":"4"}}}
        {"type":"BOOKMARK","object":{"kind":"Node","metadata":{"resourceVersion":"7"},"spec":{}}}

        """;

    private static readonly WatchRequest Nodes = new(ResourceTypes.Nodes, ObjectSelector.Everything, "3");

    [Fact]
    public async Task Watch_ThatFailsAsNobodyForesaw_IsClosedAndSaysHow()
    {
        var connection = new ClusterConnection { Server = new Uri("http://127.0.0.1:1/"), Source = "the test" };
        var live = new LiveConnection(connection, TimeProvider.System);
        using var http = ClusterHttp.CreateClient(live);
        var heard = new TaskCompletionSource<WatchSignal>();
        using var watch = HttpWatch.Start(
            ResourceTypes.Nodes, () => throw new NotSupportedException("odd"), http, new TokenSource(live, TimeProvider.System),
            TimeProvider.System, (what, error) => $"it {what}: {error.Message}", signal => heard.TrySetResult(signal));
        var closed = Assert.IsType<WatchSignal.Closed>(await heard.Task.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal((OutcomeKind.Unavailable, "it broke off a watch: odd"), (closed.Kind, closed.Message));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1_000_000)]
    public async Task Events_HoweverTheChunksAreCut_AreReadWhole(int chunk)
    {
        var signals = await RunAsync(context => WriteAsync(context, Two, chunk));

        var added = Assert.IsType<WatchSignal.Added>(signals[0]);
        Assert.Equal("ä", Assert.IsType<Node>(added.Object).Name);
        Assert.Equal("7", Assert.IsType<WatchSignal.Bookmark>(signals[1]).ResourceVersion);
        Assert.Equal(OutcomeKind.Done, Assert.IsType<WatchSignal.Closed>(signals[2]).Kind);
        Assert.Equal(3, signals.Count);
    }

    [Fact]
    public async Task Request_AsksForBookmarksAndAnEnd()
    {
        var asked = "";
        await RunAsync(context =>
        {
            asked = context.Request.Path + context.Request.QueryString;
            return Task.CompletedTask;
        });

        Assert.Matches(@"^/api/v1/nodes\?watch=1&allowWatchBookmarks=true&resourceVersion=3&timeoutSeconds=[3-6]\d\d$", asked);
    }

    [Fact]
    public async Task Watches_OfSeveralProcesses_EndAtDifferentTimes()
    {
        var lives = new SortedSet<string>(StringComparer.Ordinal);
        for (var process = 0; process < 5; process++)
        {
            await RunAsync(context =>
            {
                lives.Add(context.Request.Query["timeoutSeconds"].ToString());
                return Task.CompletedTask;
            });
        }

        Assert.True(lives.Count > 1, $"All ask for {string.Join(", ", lives)} s.");
    }

    [Theory]
    [InlineData(
        """{"type":"ERROR","object":{"kind":"Status","message":"too old resource version: 1 (357)","reason":"Expired","code":410}}""",
        OutcomeKind.Expired)]
    [InlineData("""{"type":"ERROR","object":{"kind":"Status","message":"boom","code":500}}""", OutcomeKind.Unavailable)]
    [InlineData("""{"type":"ERROR","object":{"kind":"Status","message":"boom","code":99999999999}}""", OutcomeKind.Unavailable)]
    [InlineData("""{"type":"WHAT","object":{}}""", OutcomeKind.Unavailable)]
    [InlineData("""{"type":"ADDED"}""", OutcomeKind.Unavailable)]
    [InlineData("not json", OutcomeKind.Unavailable)]
    public async Task Stream_WithAnError_EndsWithItsKind(string line, OutcomeKind kind)
    {
        var signals = await RunAsync(context => WriteAsync(context, line + "\n" + Two, 100));

        Assert.Equal(kind, Assert.IsType<WatchSignal.Closed>(Assert.Single(signals)).Kind);
    }

    [Theory]
    [InlineData(410, OutcomeKind.Expired)]
    [InlineData(401, OutcomeKind.Refused)]
    [InlineData(403, OutcomeKind.Refused)]
    [InlineData(404, OutcomeKind.NotFound)]
    [InlineData(429, OutcomeKind.Unavailable)]
    [InlineData(500, OutcomeKind.Unavailable)]
    public async Task Watch_ThatIsNotOpened_EndsWithTheKindOfTheStatus(int code, OutcomeKind kind)
    {
        var signals = await RunAsync(context =>
        {
            context.Response.StatusCode = code;
            return Task.CompletedTask;
        });

        Assert.Equal(kind, Assert.IsType<WatchSignal.Closed>(Assert.Single(signals)).Kind);
    }

    [Theory]
    [InlineData("7", 7)]
    [InlineData("999999999", 600)]
    [InlineData("soon", null)]
    public async Task Watch_ThatIsToldToWait_SaysHowLongWithinReason(string retryAfter, int? seconds)
    {
        var signals = await RunAsync(context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = retryAfter;
            return Task.CompletedTask;
        });

        var closed = Assert.IsType<WatchSignal.Closed>(Assert.Single(signals));
        Assert.Equal(seconds, (int?)closed.RetryAfter?.TotalSeconds);
    }

    [Fact]
    public async Task Refusal_WithoutEnd_IsNotReadForever()
    {
        var signals = await RunAsync(async context =>
        {
            context.Response.StatusCode = 503;
            var block = new byte[16 * 1024];
            Array.Fill(block, (byte)'x');
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(block, context.RequestAborted);
            }
        });

        Assert.Equal(OutcomeKind.Unavailable, Assert.IsType<WatchSignal.Closed>(Assert.Single(signals)).Kind);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stream_CutInsideAnEvent_DeliversWhatWasWholeAndEndsUnavailable(bool abort)
    {
        var signals = await RunAsync(async context =>
        {
            await WriteAsync(context, Two + "{\"type\":\"ADDED\",\"obj", 20);
            if (abort)
            {
                context.Abort();
            }
        });

        Assert.Equal(OutcomeKind.Unavailable, Assert.IsType<WatchSignal.Closed>(signals[^1]).Kind);
        // A reset connection may take with it what had arrived but was not read.
        Assert.InRange(signals.Count, abort ? 1 : 3, 3);
    }

    [Fact]
    public async Task Line_WithoutEnd_IsNotReadForever()
    {
        var signals = await RunAsync(async context =>
        {
            var block = new byte[1024 * 1024];
            Array.Fill(block, (byte)' ');
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(block, context.RequestAborted);
            }
        });

        Assert.Equal(OutcomeKind.Expired, Assert.IsType<WatchSignal.Closed>(Assert.Single(signals)).Kind);
    }

    [Fact]
    public async Task Watch_OfAServerThatIsNotThere_EndsUnavailable()
    {
        var connection = new ClusterConnection { Server = new Uri("http://127.0.0.1:1/"), Source = "x" };
        using var api = new HttpClusterApi(connection, TimeProvider.System);
        var closed = new TaskCompletionSource<WatchSignal>();
        using var watch = api.Watch(Nodes, closed.SetResult);

        var signal = await closed.Task.WaitAsync(TimeSpan.FromSeconds(10));

        Assert.Equal(OutcomeKind.Unavailable, Assert.IsType<WatchSignal.Closed>(signal).Kind);
    }

    [Fact]
    public async Task Watch_OnceDisposed_DeliversNothingMore()
    {
        await using var server = await ScriptedServer.StartAsync(async context =>
        {
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await WriteAsync(context, Two, 1000);
            }
        });
        using var api = new HttpClusterApi(server.Connection, TimeProvider.System);
        var count = 0;
        var begun = new TaskCompletionSource();
        var watch = api.Watch(Nodes, _ =>
        {
            Interlocked.Increment(ref count);
            begun.TrySetResult();
        });
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(10));

        watch.Dispose();
        var after = Volatile.Read(ref count);
        await Task.Delay(100);

        Assert.Equal(after, Volatile.Read(ref count));
    }

    private static async Task WriteAsync(HttpContext context, string text, int chunk)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var i = 0; i < bytes.Length; i += chunk)
        {
            await context.Response.Body.WriteAsync(bytes.AsMemory(i, Math.Min(chunk, bytes.Length - i)), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }

    private static async Task<List<WatchSignal>> RunAsync(Func<HttpContext, Task> answer)
    {
        await using var server = await ScriptedServer.StartAsync(answer);
        using var api = new HttpClusterApi(server.Connection, TimeProvider.System);
        var signals = new ConcurrentQueue<WatchSignal>();
        var closed = new TaskCompletionSource();
        using var watch = api.Watch(Nodes, signal =>
        {
            signals.Enqueue(signal);
            if (signal is WatchSignal.Closed)
            {
                closed.SetResult();
            }
        });
        await closed.Task.WaitAsync(TimeSpan.FromSeconds(20));
        return [.. signals];
    }
}
