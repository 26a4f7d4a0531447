using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Api.Store;

/// <summary>
/// A watch: a place in the history of one kind, from which changes are read when the reader wants them. Costs nothing while nobody reads;
/// filters when it is read. Ends with one <see cref="WatchSignal.Closed"/>; after <see cref="Close"/> it says nothing more.
/// </summary>
public sealed class FakeWatch
{
    private readonly ObjectStore _store;
    private readonly ObjectTable _table;
    private readonly Func<KubernetesObject, KubernetesObject> _present;
    private readonly Selection _selection;
    private readonly bool _bookmarks;
    private readonly TimeSpan _bookmarkPeriod;
    private readonly long _after;
    private IEnumerator<KubernetesObject>? _initial;
    private bool _owesInitialEnd;
    private bool _lastBookmarkGiven;
    private Instant _bookmarkAt;
    private long _position;
    private bool _ended;
    private StatusError? _openingError;

    // The change that the last event was about; null where it was about none.
    private Change? _told;

    // Whether everything was read, and whoever reads says when there is more: then the end of the log is where it stands.
    private bool _rests;

    internal FakeWatch(WatchStart start, Instant now)
    {
        _store = start.Store;
        _table = start.Table;
        _present = start.Present;
        _selection = start.Selection;
        _bookmarks = start.Bookmarks;
        _bookmarkPeriod = start.BookmarkPeriod;
        _bookmarkAt = start.Bookmarks ? now + start.BookmarkPeriod : Instant.Never;
        _after = start.After;
        _initial = start.Initial?.GetEnumerator();
        _owesInitialEnd = start.MarksInitialEnd;
        _position = start.Table.Log.PositionAfter(start.After);
        ClosesAt = now + start.Life;
    }

    internal FakeWatch(ObjectStore store, ObjectTable table, StatusError error)
    {
        _store = store;
        _table = table;
        _present = static item => item;
        _selection = Selection.Everything;
        _openingError = error;
        _bookmarkAt = Instant.Never;
        OpeningError = error;
    }

    /// <summary>
    /// Why the watch could not be opened: the first and last signal says so, and a server may answer the request itself with it. Null for
    /// a watch that was opened.
    /// </summary>
    public StatusError? OpeningError { get; }

    /// <summary>When the server ends the watch by itself.</summary>
    public Instant ClosesAt { get; }

    /// <summary>
    /// Whether <see cref="TryRead"/> has changes to look at. It may still find none that match. Time alone (bookmarks, the end) does not
    /// count: see <see cref="DueAt"/>.
    /// </summary>
    public bool HasMore =>
        !_ended && (_openingError is not null || _initial is not null || _owesInitialEnd || (!_rests && _position < _table.Log.End));

    /// <summary>A value that every object has of which this watch tells; null where it has none such, or where it tells of all.</summary>
    public SelectionPin? Pin => _selection.Pin;

    /// <summary>The moment from which <see cref="TryRead"/> has something to say even if nothing changes.</summary>
    public Instant DueAt => _ended ? Instant.Never : HasMore ? Instant.Epoch : Instant.Min(NextBookmarkAt, ClosesAt);

    private Instant NextBookmarkAt => !_bookmarks || _lastBookmarkGiven
        ? Instant.Never
        : Instant.Min(_bookmarkAt, new Instant(ClosesAt.TicksSinceEpoch - TimeSpan.FromSeconds(2).Ticks));

    /// <summary>
    /// Passes over a change that was committed this moment, where it is the only one that was not read yet and says nothing to this watch:
    /// then nobody needs to come and read it. Returns whether it did. <paramref name="isNoNews"/> says that the reader knows all that
    /// matters to it, though the watch would tell it.
    /// </summary>
    public bool TrySkip(Change committed, bool isNoNews = false)
    {
        if (_ended || _initial is not null || _owesInitialEnd || _openingError is not null
            || _position != _table.Log.End - 1 || !ReferenceEquals(_table.Log[_position], committed)
            || (!isNoNews && Concerns(committed)))
        {
            return false;
        }

        _position++;
        return true;
    }

    /// <summary>
    /// Lets the watch rest, where it has been read to the end: until <see cref="Rouse"/> it looks at no change. The reader promises to
    /// rouse it at each one that concerns it, when that is committed. Returns whether it rests.
    /// </summary>
    public bool TryRest()
    {
        _rests = _rests || (!_ended && !HasMore);
        return _rests;
    }

    /// <summary>Ends a rest. What was committed up to now is passed over, except <paramref name="committed"/>, the newest.</summary>
    public void Rouse(Change? committed)
    {
        if (_rests)
        {
            _rests = false;
            _position = _table.Log.End - (committed is null ? 0 : 1);
        }
    }

    private bool Concerns(Change committed) =>
        (committed.Type != ChangeType.Deleted && _selection.Matches(committed.Object))
        || (committed.Previous is not null && _selection.Matches(committed.Previous));

    /// <summary>The next signal, if there is one at this time.</summary>
    public bool TryRead(Instant now, [NotNullWhen(true)] out WatchSignal? signal)
    {
        if (!TryReadEvent(now, out var next))
        {
            signal = null;
            return false;
        }

        signal = _told is { } change && ReferenceEquals(change.Object, next.Object) ? change.SignalOf(next.Type) : next.ToSignal();
        return true;
    }

    /// <summary>The next event as HTTP needs it, if there is one at this time.</summary>
    public bool TryReadEvent(Instant now, out WatchEvent next)
    {
        next = default;
        _told = null;
        if (_ended)
        {
            return false;
        }

        if (_openingError is { } error)
        {
            _openingError = null;
            _ended = true;
            next = WatchEvent.Failure(error);
            return true;
        }

        return TryReadInitial(out next) || TryReadChange(out next) || TryReadTimed(now, out next);
    }

    /// <summary>Ends the watch: nothing more is read from it.</summary>
    public void Close() => _ended = true;

    private bool TryReadInitial(out WatchEvent next)
    {
        while (_initial is not null)
        {
            if (!_initial.MoveNext())
            {
                _initial.Dispose();
                _initial = null;
                break;
            }

            if (_selection.Matches(_initial.Current))
            {
                next = WatchEvent.Of(WatchEventType.Added, _present(_initial.Current));
                return true;
            }
        }

        next = default;
        if (!_owesInitialEnd)
        {
            return false;
        }

        _owesInitialEnd = false;
        next = WatchEvent.BookmarkAt(_after.ToString(CultureInfo.InvariantCulture), endsInitialEvents: true);
        return true;
    }

    private bool TryReadChange(out WatchEvent next)
    {
        next = default;
        if (_rests)
        {
            return false;
        }

        var log = _table.Log;
        if (_position < log.First && log.DroppedThrough > _after)
        {
            _ended = true;
            next = WatchEvent.Failure(StatusError.Expired($"too old resource version: {_after} ({log.DroppedThrough})"));
            return true;
        }

        while (_position < log.End)
        {
            var change = log[_position++];
            if (change.Revision > _after && TryTell(change, out next))
            {
                _told = change;
                return true;
            }
        }

        return false;
    }

    // An object that comes to match is added, one that ceases to match is deleted (apiserver: cacher/cache_watcher.go).
    private bool TryTell(Change change, out WatchEvent next)
    {
        var matchesNow = change.Type != ChangeType.Deleted && _selection.Matches(change.Object);
        var matchedBefore = change.Previous is not null && _selection.Matches(change.Previous);
        next = (matchesNow, matchedBefore) switch
        {
            (true, true) => WatchEvent.Of(WatchEventType.Modified, _present(change.Object)),
            (true, false) => WatchEvent.Of(WatchEventType.Added, _present(change.Object)),
            (false, true) => WatchEvent.Of(
                WatchEventType.Deleted, _present(change.Type == ChangeType.Deleted ? change.Object : change.PreviousAtThisVersion)),
            _ => default,
        };
        return matchesNow || matchedBefore;
    }

    private bool TryReadTimed(Instant now, out WatchEvent next)
    {
        if (now >= ClosesAt)
        {
            _ended = true;
            next = WatchEvent.End;
            return true;
        }

        if (now >= NextBookmarkAt)
        {
            _lastBookmarkGiven = now >= new Instant(ClosesAt.TicksSinceEpoch - TimeSpan.FromSeconds(2).Ticks);
            _bookmarkAt = now + _bookmarkPeriod;
            var reached = Math.Max(_store.Revision, _after);
            next = WatchEvent.BookmarkAt(reached.ToString(CultureInfo.InvariantCulture), endsInitialEvents: false);
            return true;
        }

        next = default;
        return false;
    }
}
