using System.Diagnostics.CodeAnalysis;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Fake.Api.Rest;

/// <summary>
/// The body of a watch: one JSON document per event, each with a line's end. Whoever listens reads frames until there is none, waits for
/// the server's <see cref="FakeApiServer.Changed"/> or for <see cref="DueAt"/>, and reads again, until <see cref="HasEnded"/>.
/// </summary>
public sealed class RestWatch
{
    private readonly FakeWatch _watch;
    private readonly RestRenderer _renderer;
    private bool _toldOne;

    internal RestWatch(FakeWatch watch, RestRenderer renderer, string plural)
    {
        Plural = plural;
        _watch = watch;
        _renderer = renderer;
    }

    /// <summary>The resource whose changes it shows.</summary>
    public string Plural { get; }

    /// <summary>Whether nothing more will come: the response ends.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>The moment from which there is something to read even if nothing changes.</summary>
    public Instant DueAt => HasEnded ? Instant.Never : _watch.DueAt;

    /// <summary>The next frame, if there is one now.</summary>
    public bool TryRead(Instant now, [NotNullWhen(true)] out byte[]? frame)
    {
        frame = null;
        if (HasEnded || !_watch.TryReadEvent(now, out var next))
        {
            return false;
        }

        HasEnded = next.Type is WatchEventType.End or WatchEventType.Error;
        var (type, shown) = next.Type switch
        {
            WatchEventType.Added => ("ADDED", Object(now, next)),
            WatchEventType.Modified => ("MODIFIED", Object(now, next)),
            WatchEventType.Deleted => ("DELETED", Object(now, next)),
            WatchEventType.Bookmark => ("BOOKMARK", _renderer.Bookmark(now, next)),
            WatchEventType.Error => ("ERROR", next.Failed!.ToStatus()),
            _ => ("", JsonMap.Empty),
        };
        if (type.Length == 0)
        {
            return false;
        }

        frame = [.. JsonMap.Of(("type", type), ("object", shown)).ToUtf8(), (byte)'\n'];
        return true;
    }

    /// <summary>The client is gone: nothing more is read.</summary>
    public void Close()
    {
        HasEnded = true;
        _watch.Close();
    }

    private JsonMap Object(Instant now, WatchEvent next)
    {
        var isFirst = !_toldOne;
        _toldOne = true;
        return _renderer.Event(now, next.Object!, isFirst);
    }
}
