using System.Text;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Rest;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Fake.Tests.Rest;

/// <summary>The REST door without the network; the time of watches passes at once.</summary>
public sealed class PureDoor : IRecordedDoor
{
    private readonly FakeApiServer _server;
    private readonly RestApi _api;
    private Instant _now = RecordedReplay.Start;

    /// <summary>A door to a fresh server.</summary>
    public PureDoor()
    {
        _server = RecordedReplay.FreshServer();
        _api = new RestApi(_server, new RestApiOptions { Tokens = RecordedReplay.Tokens });
    }

    /// <inheritdoc/>
    public async Task<RecordedAnswer> SendAsync(RestRequest request, Func<Task> whileWatching)
    {
        var response = _api.Serve(_now, request);
        var events = response.Watch is { } watch ? await DrainAsync(watch, whileWatching) : [];
        return new RecordedAnswer(
            response.Code,
            [.. response.Headers, new("Content-Type", response.ContentType)],
            Encoding.UTF8.GetString(response.Body.Span),
            events);
    }

    /// <inheritdoc/>
    public void Compact() => _server.Compact(_server.Revision);

    private async Task<List<JsonTree>> DrainAsync(RestWatch watch, Func<Task> whileWatching)
    {
        var events = new List<JsonTree>();
        Read(watch, events);
        await whileWatching();
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
}
