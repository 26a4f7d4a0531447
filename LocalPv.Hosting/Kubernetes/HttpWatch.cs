using System.Net;
using System.Text.Json;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;

namespace LocalPv.Hosting.Kubernetes;

/// <summary>
/// One watch over HTTP: a response that goes on, one JSON document a line. Delivers in order and ends with one
/// <see cref="WatchSignal.Closed"/>; after <see cref="Dispose"/> returns, nothing more is delivered.
/// </summary>
internal sealed class HttpWatch : IDisposable
{
    // etcd refuses objects above 1.5 MB; with its JSON form and managed fields an event stays far below this.
    private const int LineBytesMax = 16 * 1024 * 1024;

    private const int RefusalBytesMax = 64 * 1024;

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ResourceType _type;
    private readonly HttpClient _http;
    private readonly TokenSource _tokens;
    private readonly TimeProvider _time;
    private readonly Func<string, Exception, string> _describe;
    private readonly Action<WatchSignal> _deliver;
    private bool _ended;

    private HttpWatch(
        ResourceType type,
        HttpClient http,
        TokenSource tokens,
        TimeProvider time,
        Func<string, Exception, string> describe,
        Action<WatchSignal> deliver)
    {
        _type = type;
        _http = http;
        _tokens = tokens;
        _time = time;
        _describe = describe;
        _deliver = deliver;
    }

    /// <summary>Sends the request and begins to deliver.</summary>
    public static HttpWatch Start(
        ResourceType type,
        Func<HttpRequestMessage> message,
        HttpClient http,
        TokenSource tokens,
        TimeProvider time,
        Func<string, Exception, string> describe,
        Action<WatchSignal> deliver)
    {
        var watch = new HttpWatch(type, http, tokens, time, describe, deliver);
        _ = Task.Run(() => watch.RunAsync(message));
        return watch;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Cancelled first, so that a delivery that waits for the reader is not waited for without need.
        _stop.Cancel();
        lock (_gate)
        {
            _ended = true;
        }
    }

    private async Task RunAsync(Func<HttpRequestMessage> makeMessage)
    {
        WatchSignal.Closed closed;
        try
        {
            using var message = makeMessage();
            using var response = await _http
                .SendAsync(message, HttpCompletionOption.ResponseHeadersRead, _stop.Token).ConfigureAwait(false);
            closed = response.IsSuccessStatusCode
                ? await ReadEventsAsync(response).ConfigureAwait(false)
                : await ReadRefusalAsync(response).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return;
        }
        catch (Exception error)
        {
            // Whatever it was: a watch that ends unheard would be missed only after its long silence.
            var what = TransportFailure.IsBeforeSending(error) ? "cannot be reached" : "broke off a watch";
            closed = new WatchSignal.Closed(OutcomeKind.Unavailable, _describe(what, error));
        }

        Deliver(closed);
    }

    private async Task<WatchSignal.Closed> ReadRefusalAsync(HttpResponseMessage response)
    {
        if (response.StatusCode == HttpStatusCode.Unauthorized)
        {
            _tokens.Refused();
        }

        // A status takes a few hundred bytes; a proxy's page that never ends is read no further than this.
        var stream = await response.Content.ReadAsStreamAsync(_stop.Token).ConfigureAwait(false);
        await using var _ = stream.ConfigureAwait(false);
        var body = new byte[RefusalBytesMax];
        var length = await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, _stop.Token).ConfigureAwait(false);
        return Closed(ServerStatus.Read(response, body.AsSpan(0, length), _time.GetUtcNow()));
    }

    private async Task<WatchSignal.Closed> ReadEventsAsync(HttpResponseMessage response)
    {
        var stream = await response.Content.ReadAsStreamAsync(_stop.Token).ConfigureAwait(false);
        await using var _ = stream.ConfigureAwait(false);
        var lines = new LineReader(stream, LineBytesMax);
        while (true)
        {
            switch (await lines.ReadAsync(_stop.Token).ConfigureAwait(false))
            {
                case LineReader.Ending.End:
                    return new WatchSignal.Closed(OutcomeKind.Done, "The server ended the watch.");
                case LineReader.Ending.Cut:
                    return new WatchSignal.Closed(OutcomeKind.Unavailable, "The watch ended in the middle of an event.");
                case LineReader.Ending.TooLong:
                    // The watch cannot get past this event, but a new list can.
                    return new WatchSignal.Closed(OutcomeKind.Expired, $"An event of {_type} is longer than {LineBytesMax} bytes.");
                default:
                    break;
            }

            var signal = ReadSignal(lines.Line.Span);
            if (signal is WatchSignal.Closed closed)
            {
                return closed;
            }

            if (!Deliver(signal))
            {
                throw new OperationCanceledException(_stop.Token);
            }
        }
    }

    private WatchSignal ReadSignal(ReadOnlySpan<byte> line)
    {
        try
        {
            var document = JsonTree.Parse(line, KeptFields.Ownership) as JsonMap;
            var content = document?.Map("object");
            return (document?.Text("type"), content) switch
            {
                ("ADDED", not null) => new WatchSignal.Added(KubernetesObject.Read(_type, content)),
                ("MODIFIED", not null) => new WatchSignal.Modified(KubernetesObject.Read(_type, content)),
                ("DELETED", not null) => new WatchSignal.Deleted(KubernetesObject.Read(_type, content)),
                ("BOOKMARK", not null) => new WatchSignal.Bookmark(content.Map("metadata")?.Text("resourceVersion") ?? ""),
                ("ERROR", not null) => Closed(ServerStatus.Read(content, (int)HttpStatusCode.InternalServerError)),
                var (type, _) => new WatchSignal.Closed(OutcomeKind.Unavailable, $"The watch of {_type} brought an event of "
                    + $"type '{type}'."),
            };
        }
        catch (JsonException error)
        {
            return new WatchSignal.Closed(OutcomeKind.Unavailable, $"The watch of {_type} brought an unreadable event: {error.Message}");
        }
    }

    private static WatchSignal.Closed Closed(ServerStatus status) =>
        new(status.Reason is "Expired" or "Gone" ? OutcomeKind.Expired : status.Kind(isWrite: false, isCreate: false), status.Message)
        {
            RetryAfter = status.RetryAfter,
        };

    // False where the watch was disposed. The gate makes sure that nothing is under way once Dispose has returned.
    private bool Deliver(WatchSignal signal)
    {
        lock (_gate)
        {
            if (_ended)
            {
                return false;
            }

            _ended = signal is WatchSignal.Closed;
            _deliver(signal);
            return true;
        }
    }
}
