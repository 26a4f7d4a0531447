using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Rest;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Fake.Tests.Rest;

/// <summary>
/// Sends the recorded requests, in their order, to a fresh server, and does in between what others did in the recorded cluster. Keeps the
/// differences of each exchange.
/// </summary>
public sealed class RecordedReplay
{
    private const string Administrator = "administrator";

    private static readonly ObjectKey ClaimB = new("rec", "rec-b");

    private readonly IRecordedDoor _door;
    private readonly RecordedNames _names = new();

    private RecordedReplay(IRecordedDoor door) => _door = door;

    /// <summary>The time at which a replay begins.</summary>
    public static Instant Start { get; } = Instant.TryParseRfc3339("2026-11-22T10:24:27Z", out var start)
        ? start
        : throw new InvalidOperationException();

    /// <summary>Those who call in the recordings, by their tokens.</summary>
    public static ImmutableSortedDictionary<string, RestCaller> Tokens { get; } = new RestApiOptions().Tokens
        .Add(Administrator, new RestCaller("kubernetes-admin", true))
        .Add("nobody", new RestCaller("nobody", false));

    /// <summary>The differences of each exchange by its name.</summary>
    public SortedDictionary<string, IReadOnlyList<string>> Differences { get; } = new(StringComparer.Ordinal);

    /// <summary>A server as the recorded one was at the beginning.</summary>
    public static FakeApiServer FreshServer() => new(new FakeApiServerOptions { StartedAt = Start, FirstRevision = 200 });

    /// <summary>Replays everything through a door.</summary>
    public static async Task<RecordedReplay> RunAsync(IRecordedDoor door)
    {
        var replay = new RecordedReplay(door);
        foreach (var exchange in RecordedExchange.ReadAll())
        {
            replay.Differences.Add(exchange.Name, await replay.ReplayAsync(exchange));
        }

        return replay;
    }

    private async Task<IReadOnlyList<string>> ReplayAsync(RecordedExchange exchange)
    {
        await ActBeforeAsync(exchange);
        var answer = await _door.SendAsync(Request(exchange), () => ActDuringAsync(exchange));
        if (answer.Code != exchange.Code)
        {
            return [$"status: recorded {exchange.Code}, replayed {answer.Code} {answer.Text}"];
        }

        return [.. CompareHeaders(exchange, answer), .. exchange.IsWatch ? CompareEvents(exchange, answer.Events)
            : CompareBody(exchange, answer.Text)];
    }

    private RestRequest Request(RecordedExchange exchange)
    {
        var target = _names.Translate(exchange.Target);
        var question = target.IndexOf('?', StringComparison.Ordinal);
        return new RestRequest(exchange.Method, question < 0 ? target : target[..question])
        {
            Query = question < 0 ? "" : target[(question + 1)..],
            Accept = exchange.RequestHeader("Accept"),
            ContentType = exchange.RequestHeader("Content-Type"),
            UserAgent = "curl/8.5.0",
            Authorization = exchange.Number switch
            {
                54 => "Bearer wrong",
                55 => "",
                56 => "Bearer nobody",
                _ => "Bearer " + Administrator,
            },
            Body = Encoding.UTF8.GetBytes(_names.Translate(exchange.Body)),
        };
    }

    // What the recorded cluster's controllers, and the recorder itself, did before the exchange.
    private async Task ActBeforeAsync(RecordedExchange exchange)
    {
        switch (exchange.Number)
        {
            case 35:
                await WriteAsync("PATCH", "/api/v1/persistentvolumes/rec-pv/status", """{"status":{"phase":"Available"}}""",
                    "kube-controller-manager");
                break;
            case 66:
                _door.Compact();
                break;
        }
    }

    // What happened while the exchange, a watch, was open.
    private async Task ActDuringAsync(RecordedExchange exchange)
    {
        switch (exchange.Number)
        {
            case 58:
                await WriteAsync("POST", "/api/v1/namespaces/rec/persistentvolumeclaims", """
                    {"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"rec-w"},"spec":{"accessModes":["ReadWriteOnce"],
                    "storageClassName":"local-wffc","resources":{"requests":{"storage":"1Gi"}}}}
                    """);
                await WriteAsync("PATCH", "/api/v1/namespaces/rec/persistentvolumeclaims/rec-w", """{"metadata":{"labels":{"x":"y"}}}""");
                await WriteAsync("DELETE", "/api/v1/namespaces/rec/persistentvolumeclaims/rec-w", "");
                await WriteAsync(
                    "PATCH", "/api/v1/namespaces/rec/persistentvolumeclaims/rec-w", """{"metadata":{"finalizers":null}}""",
                    "kube-controller-manager");
                break;
            case 65:
                await WriteAsync(
                    "PATCH", $"/api/v1/namespaces/rec/persistentvolumeclaims/{ClaimB.Name}", """{"metadata":{"labels":{"sel":"on"}}}""");
                await WriteAsync(
                    "PATCH", $"/api/v1/namespaces/rec/persistentvolumeclaims/{ClaimB.Name}", """{"metadata":{"labels":null}}""");
                break;
        }
    }

    private async Task WriteAsync(string method, string path, string body, string manager = "curl")
    {
        var answer = await _door.SendAsync(
            new RestRequest(method, path)
            {
                ContentType = method == "PATCH" ? "application/merge-patch+json" : RestResponse.Json,
                UserAgent = manager + "/1",
                Authorization = "Bearer " + Administrator,
                Body = Encoding.UTF8.GetBytes(body),
            },
            () => Task.CompletedTask);
        Assert.True(answer.Code < 300, answer.Text);
    }

    private IEnumerable<string> CompareEvents(RecordedExchange exchange, IReadOnlyList<JsonTree> answered)
    {
        var recorded = WithoutRepeatedBookmarks(exchange.Documents());
        var replayed = WithoutRepeatedBookmarks(answered);
        if (recorded.Count != replayed.Count)
        {
            return [$"events: recorded {recorded.Count}, replayed {replayed.Count}: {string.Join(' ', replayed)}"];
        }

        return recorded.Zip(replayed).SelectMany((pair, index) => _names.Compare(
            string.Create(CultureInfo.InvariantCulture, $"event {index}"), pair.First, pair.Second)).ToList();
    }

    // How often a server says that nothing happened is its own affair.
    private static List<JsonTree> WithoutRepeatedBookmarks(IReadOnlyList<JsonTree> events) =>
        [.. events.Where((item, index) => index == 0 || !IsBookmark(item) || !IsBookmark(events[index - 1]))];

    private static bool IsBookmark(JsonTree item) => (item as JsonMap)?.Text("type") == "BOOKMARK";

    private IEnumerable<string> CompareBody(RecordedExchange exchange, string text) => exchange.Response.StartsWith('{')
        ? _names.Compare("", exchange.Documents()[0], JsonTree.Parse(text))
        : exchange.Response.Trim() == text.Trim() ? [] : [$"text: recorded {exchange.Response}, replayed {text}"];

    private static IEnumerable<string> CompareHeaders(RecordedExchange exchange, RecordedAnswer answer)
    {
        var recorded = Compared(exchange.ResponseHeaders);
        var replayed = Compared(answer.Headers);
        return recorded.SequenceEqual(replayed)
            ? []
            : [$"headers: recorded {string.Join("; ", recorded)}, replayed {string.Join("; ", replayed)}"];
    }

    private static List<string> Compared(IEnumerable<KeyValuePair<string, string>> headers) =>
    [
        .. headers.Where(header => header.Key is "Warning" or "Retry-After" or "Content-Type")
            .Select(header => header.Key + ": " + header.Value)
            .Order(StringComparer.Ordinal),
    ];
}
