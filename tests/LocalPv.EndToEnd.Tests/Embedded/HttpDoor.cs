using LocalPv.Core.Kubernetes.Json;
using LocalPv.Fake.Api.Rest;
using LocalPv.Fake.Api.Store;
using LocalPv.Fake.Tests.Rest;
using LocalPv.Hosting.Embedded;

namespace LocalPv.EndToEnd.Tests.Embedded;

/// <summary>Real HTTP to the embedded server, whose clock goes on only when a watch has nothing more to tell.</summary>
internal sealed class HttpDoor : IRecordedDoor, IAsyncDisposable
{
    // How long a watch must be silent before the clock goes on: long against a local answer.
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(50);

    private readonly FakeApiServer _server;
    private readonly EmbeddedApiServer _listener;
    private readonly ManualTime _time;
    private readonly HttpClient _client;

    private HttpDoor(FakeApiServer server, EmbeddedApiServer listener, ManualTime time)
    {
        _server = server;
        _listener = listener;
        _time = time;
        _client = new HttpClient { BaseAddress = listener.Address, Timeout = TimeSpan.FromSeconds(30) };
    }

    /// <summary>A door to a fresh server.</summary>
    public static async Task<HttpDoor> OpenAsync()
    {
        var server = RecordedReplay.FreshServer();
        var time = new ManualTime(RecordedReplay.Start.ToDateTimeOffset());
        var listener = await EmbeddedApiServer.StartAsync(
            server, new EmbeddedApiServerOptions { Tokens = RecordedReplay.Tokens, Time = time });
        return new HttpDoor(server, listener, time);
    }

    /// <inheritdoc/>
    public async Task<RecordedAnswer> SendAsync(RestRequest request, Func<Task> whileWatching)
    {
        using var message = MessageOf(request);
        using var response = await _client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead);
        var headers = response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated)
            .SelectMany(header => header.Value.Select(value => new KeyValuePair<string, string>(header.Key, value)))
            .ToList();
        var isWatch = response.Content.Headers.ContentLength is null;
        return new RecordedAnswer(
            (int)response.StatusCode,
            headers,
            isWatch ? "" : await response.Content.ReadAsStringAsync(),
            isWatch ? await DrainAsync(response, whileWatching) : []);
    }

    /// <inheritdoc/>
    public void Compact()
    {
        lock (_listener.Gate)
        {
            _server.Compact(_server.Revision);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _listener.DisposeAsync();
    }

    private static HttpRequestMessage MessageOf(RestRequest request)
    {
        var target = request.Query.Length == 0 ? request.Path : $"{request.Path}?{request.Query}";
        var message = new HttpRequestMessage(new HttpMethod(request.Method), new Uri(target, UriKind.Relative));
        foreach (var (name, value) in new[]
                 {
                     ("Accept", request.Accept), ("User-Agent", request.UserAgent), ("Authorization", request.Authorization),
                 })
        {
            if (value.Length > 0)
            {
                message.Headers.TryAddWithoutValidation(name, value);
            }
        }

        if (request.Body.Length > 0)
        {
            message.Content = new ReadOnlyMemoryContent(request.Body);
            if (request.ContentType.Length > 0)
            {
                message.Content.Headers.TryAddWithoutValidation("Content-Type", request.ContentType);
            }
        }

        return message;
    }

    private async Task<List<JsonTree>> DrainAsync(HttpResponseMessage response, Func<Task> whileWatching)
    {
        await whileWatching();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var events = new List<JsonTree>();
        var line = reader.ReadLineAsync();
        while (true)
        {
            if (await Task.WhenAny(line, Task.Delay(Silence)) != line)
            {
                _time.GoOnToNextTimer();
                continue;
            }

            if (await line is not { } text)
            {
                return events;
            }

            events.Add(JsonTree.Parse(text));
            line = reader.ReadLineAsync();
        }
    }
}
