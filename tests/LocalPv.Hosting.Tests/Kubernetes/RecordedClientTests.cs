using System.Collections.Concurrent;
using System.Text;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Fake.Tests.Rest;
using LocalPv.Hosting.Kubernetes;
using Microsoft.AspNetCore.Http;

namespace LocalPv.Hosting.Tests.Kubernetes;

/// <summary>
/// The client against what a real API server (1.36) was asked and answered: it asks in the same form, and understands each answer, with
/// its status, its headers and its body byte by byte.
/// </summary>
public sealed class RecordedClientTests
{
    // Everything that was not done, and what the sender does next. The rest was done.
    private static readonly SortedDictionary<string, OutcomeKind> NotDone = new(StringComparer.Ordinal)
    {
        ["05"] = OutcomeKind.AlreadyExists,
        ["11"] = OutcomeKind.Unavailable,
        ["14"] = OutcomeKind.NotFound,
        ["15"] = OutcomeKind.NotFound,
        ["17"] = OutcomeKind.Conflict,
        ["18"] = OutcomeKind.Conflict,
        ["21"] = OutcomeKind.Rejected,
        ["23"] = OutcomeKind.Rejected,
        ["24"] = OutcomeKind.Rejected,
        ["25"] = OutcomeKind.Refused,
        ["26"] = OutcomeKind.Refused,
        ["27"] = OutcomeKind.Refused,
        ["28"] = OutcomeKind.Refused,
        ["32"] = OutcomeKind.Conflict,
        ["34"] = OutcomeKind.Rejected,
        ["39"] = OutcomeKind.Rejected,
        ["41"] = OutcomeKind.Conflict,
        ["45"] = OutcomeKind.Refused,
        ["49"] = OutcomeKind.Conflict,
        ["50"] = OutcomeKind.Refused,
        ["51"] = OutcomeKind.Refused,
        ["52"] = OutcomeKind.Refused,
        ["54"] = OutcomeKind.Refused,
        ["55"] = OutcomeKind.Refused,
        ["56"] = OutcomeKind.Refused,
        ["63"] = OutcomeKind.Unavailable,
        ["66"] = OutcomeKind.Expired,
        ["67"] = OutcomeKind.Expired,
        ["68"] = OutcomeKind.Expired,
        ["69"] = OutcomeKind.Expired,
        ["70"] = OutcomeKind.Unavailable,
        ["72"] = OutcomeKind.Conflict,
    };

    // What LocalPv never asks for: other forms of an answer, of a patch, of a check, bodies that are no JSON. The answers are read all the
    // same.
    private static readonly string[] OtherForms =
        ["11", "12", "21", "22", "26", "27", "28", "29", "30", "31", "32", "44", "45", "59", "69"];

    public static TheoryData<string> Names => [.. RecordedExchange.ReadAll().Skip(1).Select(exchange => exchange.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Exchange_Recorded_IsAskedInTheSameFormAndItsAnswerUnderstood(string name)
    {
        var exchange = RecordedExchange.ReadAll().Single(each => each.Name == name);
        await using var server = await ScriptedServer.StartAsync(context => AnswerAsync(context, exchange));
        using var api = new HttpClusterApi(server.Connection, TimeProvider.System);
        var call = RecordedCall.Of(exchange);

        if (call.Request is { } request)
        {
            AssertUnderstood(exchange, await api.SendAsync(request, CancellationToken.None));
        }
        else
        {
            AssertUnderstood(exchange, await WatchAsync(api, call.Watch!));
        }

        var (method, path, contentType, body, _) = Assert.Single(server.Asked);
        Assert.Equal((exchange.Method, exchange.Target.Split('?')[0]), (method, path.Split('?')[0]));
        Assert.Equal(!OtherForms.Contains(NumberOf(exchange)), IsSameForm(exchange, path, contentType, body));
    }

    [Fact]
    public async Task Version_Recorded_IsReadThroughTheSameClient()
    {
        var exchange = RecordedExchange.ReadAll()[0];
        await using var server = await ScriptedServer.StartAsync(context => AnswerAsync(context, exchange));
        using var http = ClusterHttp.CreateClient(new LiveConnection(server.Connection, TimeProvider.System));

        using var answer = await http.GetAsync(new Uri("version", UriKind.Relative));

        Assert.Equal(exchange.Response, await answer.Content.ReadAsStringAsync());
        Assert.Equal(exchange.Target, Assert.Single(server.Asked).Path);
    }

    private static string NumberOf(RecordedExchange exchange) => exchange.Name[..2];

    private static async Task AnswerAsync(HttpContext context, RecordedExchange exchange)
    {
        context.Response.StatusCode = exchange.Code;
        string[] ofTheServer = ["Transfer-Encoding", "Content-Length", "Date"];
        foreach (var (key, value) in exchange.ResponseHeaders.Where(header => !ofTheServer.Contains(header.Key)))
        {
            context.Response.Headers[key] = value;
        }

        // Names that tell of the recorded cluster are blotted out in some bodies, so that lengths are their own.
        var isWhole = exchange.ResponseHeaders.Any(header => header.Key == "Content-Length");
        context.Response.ContentLength = isWhole ? Encoding.UTF8.GetByteCount(exchange.Response) : null;
        await context.Response.WriteAsync(exchange.Response);
    }

    private static async Task<List<WatchSignal>> WatchAsync(HttpClusterApi api, WatchRequest request)
    {
        var signals = new ConcurrentQueue<WatchSignal>();
        var closed = new TaskCompletionSource();
        using var watch = api.Watch(request, signal =>
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

    private static void AssertUnderstood(RecordedExchange exchange, Outcome<ClusterAnswer> outcome)
    {
        Assert.Equal(NotDone.GetValueOrDefault(NumberOf(exchange)), outcome.Kind);
        if (!outcome.TryGetValue(out var answer))
        {
            Assert.Equal(NumberOf(exchange) == "70" ? TimeSpan.FromSeconds(1) : null, outcome.RetryAfter);
            Assert.NotEqual("", outcome.Message);
            return;
        }

        var recorded = (JsonMap)Understood(exchange.Documents()[0]);
        if (recorded.List("items") is { } items)
        {
            Assert.Equal(
                items.Maps().Select(item => item.Map("metadata")), answer.Items.Select(item => item.Metadata));
            Assert.Equal(recorded.Map("metadata")!.Text("resourceVersion"), answer.ResourceVersion);
            Assert.Equal(recorded.Map("metadata")!.Text("continue") ?? "", answer.Continue);
        }
        else if (recorded.Text("kind") == "Status")
        {
            Assert.Null(answer.Object);
        }
        else
        {
            Assert.Equal(recorded, answer.Object!.Tree);
        }
    }

    private static void AssertUnderstood(RecordedExchange exchange, List<WatchSignal> signals)
    {
        var kind = NotDone.GetValueOrDefault(NumberOf(exchange));
        Assert.Equal(kind, Assert.IsType<WatchSignal.Closed>(signals[^1]).Kind);
        var documents = exchange.IsWatch ? exchange.Documents().Select(Understood).Cast<JsonMap>() : [];
        var events = documents.Where(each => each.Text("type") != "ERROR");
        Assert.Equal(events.Select(Recorded), signals.SkipLast(1).Select(ToEvent));
    }

    private static JsonMap ToEvent(WatchSignal signal) => signal switch
    {
        WatchSignal.Added added => JsonMap.Of(("type", "ADDED"), ("object", added.Object.Tree)),
        WatchSignal.Modified modified => JsonMap.Of(("type", "MODIFIED"), ("object", modified.Object.Tree)),
        WatchSignal.Deleted deleted => JsonMap.Of(("type", "DELETED"), ("object", deleted.Object.Tree)),
        WatchSignal.Bookmark bookmark => Bookmark(bookmark.ResourceVersion),
        _ => throw new NotSupportedException(signal.ToString()),
    };

    // Nobody here reads who wrote which field, so that the client passes over it.
    private static JsonTree Understood(JsonTree document) => JsonTree.Parse(document.ToUtf8(), KeptFields.Ownership);

    // Of a bookmark only the version is read.
    private static JsonMap Bookmark(string version) => JsonMap.Of(("type", "BOOKMARK"), ("object", version));

    private static JsonMap Recorded(JsonMap told) =>
        told.Text("type") == "BOOKMARK" ? Bookmark(((JsonText)told.At("object", "metadata", "resourceVersion")!).Value) : told;

    private static bool IsSameForm(RecordedExchange exchange, string path, string contentType, string body)
    {
        var (asked, recorded) = (RecordedCall.QueryOf(path), RecordedCall.QueryOf(exchange.Target));
        foreach (var added in asked.ContainsKey("watch") ? (string[])["allowWatchBookmarks", "timeoutSeconds"] : [])
        {
            Assert.NotEqual("", asked[added]);
            asked.Remove(added);
            recorded.Remove(added);
        }

        if (!asked.SequenceEqual(recorded) || exchange.RequestHeader("Accept") is not ("" or "application/json"))
        {
            return false;
        }

        // kubectl deletes without a body; ours says the same in words.
        if (exchange.Body.Length == 0)
        {
            return body.Length == 0 || (exchange.Method == "DELETE" && body == """{"apiVersion":"v1","kind":"DeleteOptions"}""");
        }

        return exchange.Body.TrimEnd().EndsWith('}') && contentType == exchange.RequestHeader("Content-Type")
            && body == RecordedCall.BodyOf(exchange).ToString();
    }
}
