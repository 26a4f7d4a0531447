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

    private readonly FakeApiServer _server;
    private readonly RestApi _api;
    private readonly RecordedNames _names = new();
    private Instant _now;

    /// <summary>Replays everything.</summary>
    public RecordedReplay()
    {
        Assert.True(Instant.TryParseRfc3339("2026-11-22T10:24:27Z", out _now));
        _server = new FakeApiServer(new FakeApiServerOptions { StartedAt = _now, FirstRevision = 200 });
        _api = new RestApi(_server, new RestApiOptions
        {
            Tokens = new RestApiOptions().Tokens
                .Add(Administrator, new RestCaller("kubernetes-admin", true))
                .Add("nobody", new RestCaller("nobody", false)),
        });
        foreach (var exchange in RecordedExchange.ReadAll())
        {
            Differences.Add(exchange.Name, [.. Replay(exchange)]);
        }
    }

    /// <summary>The differences of each exchange by its name.</summary>
    public SortedDictionary<string, IReadOnlyList<string>> Differences { get; } = new(StringComparer.Ordinal);

    private IEnumerable<string> Replay(RecordedExchange exchange)
    {
        ActBefore(exchange);
        var response = _api.Serve(_now, Request(exchange));
        if (response.Code != exchange.Code)
        {
            return [$"status: recorded {exchange.Code}, replayed {response.Code} {Encoding.UTF8.GetString(response.Body.Span)}"];
        }

        return CompareHeaders(exchange, response).Concat(
            exchange.IsWatch ? CompareEvents(exchange, Drain(exchange, response.Watch!)) : CompareBody(exchange, response)).ToList();
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
    private void ActBefore(RecordedExchange exchange)
    {
        switch (exchange.Number)
        {
            case 35:
                Write("PATCH", "/api/v1/persistentvolumes/rec-pv/status", """{"status":{"phase":"Available"}}""",
                    "kube-controller-manager");
                break;
            case 66:
                _server.Compact(_server.Revision);
                break;
        }
    }

    // What happened while the exchange, a watch, was open.
    private void ActDuring(RecordedExchange exchange)
    {
        switch (exchange.Number)
        {
            case 58:
                Write("POST", "/api/v1/namespaces/rec/persistentvolumeclaims", """
                    {"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"rec-w"},"spec":{"accessModes":["ReadWriteOnce"],
                    "storageClassName":"local-wffc","resources":{"requests":{"storage":"1Gi"}}}}
                    """);
                Write("PATCH", "/api/v1/namespaces/rec/persistentvolumeclaims/rec-w", """{"metadata":{"labels":{"x":"y"}}}""");
                Write("DELETE", "/api/v1/namespaces/rec/persistentvolumeclaims/rec-w", "");
                Write(
                    "PATCH", "/api/v1/namespaces/rec/persistentvolumeclaims/rec-w", """{"metadata":{"finalizers":null}}""",
                    "kube-controller-manager");
                break;
            case 65:
                Write("PATCH", $"/api/v1/namespaces/rec/persistentvolumeclaims/{ClaimB.Name}", """{"metadata":{"labels":{"sel":"on"}}}""");
                Write("PATCH", $"/api/v1/namespaces/rec/persistentvolumeclaims/{ClaimB.Name}", """{"metadata":{"labels":null}}""");
                break;
        }
    }

    private void Write(string method, string path, string body, string manager = "curl")
    {
        var response = _api.Serve(_now, new RestRequest(method, path)
        {
            ContentType = method == "PATCH" ? "application/merge-patch+json" : RestResponse.Json,
            UserAgent = manager + "/1",
            Authorization = "Bearer " + Administrator,
            Body = Encoding.UTF8.GetBytes(body),
        });
        Assert.True(response.Code < 300, Encoding.UTF8.GetString(response.Body.Span));
    }

    private List<JsonTree> Drain(RecordedExchange exchange, RestWatch watch)
    {
        var events = new List<JsonTree>();
        Read(watch, events);
        ActDuring(exchange);
        while (!watch.HasEnded)
        {
            Read(watch, events);
            _now = watch.HasEnded ? _now : Instant.Max(_now, watch.DueAt);
        }

        return events;
    }

    private void Read(RestWatch watch, List<JsonTree> events)
    {
        while (watch.TryRead(_now, out var frame))
        {
            events.Add(JsonTree.Parse(frame));
        }
    }

    private IEnumerable<string> CompareEvents(RecordedExchange exchange, List<JsonTree> replayed)
    {
        var recorded = WithoutRepeatedBookmarks(exchange.Documents());
        replayed = WithoutRepeatedBookmarks(replayed);
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

    private IEnumerable<string> CompareBody(RecordedExchange exchange, RestResponse response)
    {
        var text = Encoding.UTF8.GetString(response.Body.Span);
        return exchange.Response.StartsWith('{')
            ? _names.Compare("", exchange.Documents()[0], JsonTree.Parse(text))
            : exchange.Response.Trim() == text.Trim() ? [] : [$"text: recorded {exchange.Response}, replayed {text}"];
    }

    private static IEnumerable<string> CompareHeaders(RecordedExchange exchange, RestResponse response)
    {
        var recorded = exchange.ResponseHeaders.Where(header => header.Key is "Warning" or "Retry-After" or "Content-Type")
            .Select(header => header.Key + ": " + header.Value);
        var replayed = response.Headers.Where(header => header.Key is "Warning" or "Retry-After")
            .Append(new("Content-Type", response.ContentType)).Select(header => header.Key + ": " + header.Value);
        return recorded.Order(StringComparer.Ordinal).SequenceEqual(replayed.Order(StringComparer.Ordinal))
            ? []
            : [$"headers: recorded {string.Join("; ", recorded)}, replayed {string.Join("; ", replayed)}"];
    }
}
