using System.Collections.Immutable;
using System.Diagnostics;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;

namespace LocalPv.Core.Agents;

/// <summary>
/// Keeps a copy of the objects that match a selector: lists, watches, lists again when its version has expired, and says what changed.
/// A part of an agent, driven by the agent's events. After a relist, objects that are gone are reported as deleted; a state older than the
/// one known is passed over and a list older than what was seen is not taken, so that a server that lags behind does not take the copy back
/// in time. Only a server that stays behind for <see cref="ReflectorOptions.StaleListLimit"/> is believed (a restored backup).
/// </summary>
public sealed class Reflector
{
    // A server that was put back to an older state leaves a watch from a version that it has not reached open, and silent. One silence
    // alone is mostly a connection that broke unnoticed, and no reason for all agents to list everything.
    private const int SilencesUntilList = 2;

    private readonly CallNumbers _numbers;
    private readonly ReflectorOptions _options;
    private readonly ObjectCopies _objects = new();
    private readonly List<KubernetesObject> _pages = [];
    private readonly Func<KubernetesObject, bool>? _keep;
    private readonly Func<KubernetesObject, KubernetesObject>? _trim;
    private Phase _phase = Phase.Idle;
    private long _call;
    private string _version = "";
    private ulong? _versionNumber;
    private int _failures;
    private int _silences;
    private bool _relist = true;
    private bool _versionWasLost;
    private Instant _openedAt;
    private Instant _lastHeard;
    private Instant _retryAt = Instant.Never;
    private Instant _staleSince = Instant.Never;

    /// <summary>
    /// A copy of the objects of <paramref name="type"/> that match <paramref name="selector"/> and, where no selector can say it,
    /// <paramref name="keep"/>: an object that no longer passes is reported as gone. <paramref name="trim"/> says what of an object is
    /// kept; by default all.
    /// </summary>
    public Reflector(
        ResourceType type,
        ObjectSelector selector,
        CallNumbers numbers,
        ReflectorOptions options,
        Func<KubernetesObject, bool>? keep = null,
        Func<KubernetesObject, KubernetesObject>? trim = null)
    {
        _keep = keep;
        _trim = trim;
        Type = type;
        Selector = selector;
        _numbers = numbers;
        _options = options;
    }

    private enum Phase
    {
        Idle,
        Listing,
        Watching,
        Waiting,
    }

    /// <summary>The type of the objects.</summary>
    public ResourceType Type { get; }

    /// <summary>Which of them.</summary>
    public ObjectSelector Selector { get; }

    /// <summary>Whether a full list has been seen; before that, absence means nothing.</summary>
    public bool IsSynced { get; private set; }

    /// <summary>The objects as last heard of, in the order of their keys.</summary>
    public ObjectCopies Objects => _objects;

    /// <summary>When this part next wants to be told the time by <see cref="Tick"/>.</summary>
    public Instant Deadline => _phase switch
    {
        Phase.Waiting => _retryAt,
        Phase.Watching => _lastHeard + _options.SilenceLimit,
        _ => Instant.Never,
    };

    /// <summary>Which of several copies have not seen a full list yet, for people; empty where all have.</summary>
    internal static string WaitsFor(IEnumerable<Reflector> reflectors)
    {
        var missing = reflectors.Where(reflector => !reflector.IsSynced).Select(reflector => reflector.Type.GroupResource).ToArray();
        return missing.Length == 0 ? "" : $"Not listed yet: {string.Join(", ", missing)}.";
    }

    /// <summary>The object of that key as last heard of, or null.</summary>
    public KubernetesObject? Find(ObjectKey key) => _objects.Find(key);

    /// <summary>Begins. Call once.</summary>
    public void Start(Instant now, ImmutableArray<Effect>.Builder effects) => BeginList(now, effects);

    /// <summary>Looks at the time: retries what waits, gives up a watch that has been silent for too long.</summary>
    public void Tick(Instant now, ImmutableArray<Effect>.Builder effects)
    {
        if (now < Deadline)
        {
            return;
        }

        if (_phase == Phase.Watching)
        {
            effects.Add(new Effect.CloseWatch(_call));
            _silences++;
            _relist |= _silences >= SilencesUntilList;
        }

        if (_phase == Phase.Watching && !_relist)
        {
            OpenWatch(now, effects);
        }
        else if (_relist)
        {
            BeginList(now, effects);
        }
        else
        {
            OpenWatch(now, effects);
        }
    }

    /// <summary>
    /// Takes in an event if it is an answer to this part, and adds what changed to <paramref name="changes"/>, in order.
    /// Returns whether the event was this part's.
    /// </summary>
    public bool TryHandle(Instant now, AgentEvent happened, ImmutableArray<Effect>.Builder effects, List<ObjectChange> changes)
    {
        switch (happened)
        {
            case AgentEvent.ClusterAnswered answered when _phase == Phase.Listing && answered.Call == _call:
                OnListed(now, answered.Outcome, effects, changes);
                return true;
            case AgentEvent.WatchDelivered delivered when _phase == Phase.Watching && delivered.Watch == _call:
                _lastHeard = now;
                OnSignal(now, delivered.Signal, effects, changes);
                return true;
            default:
                return false;
        }
    }

    /// <summary>
    /// Takes in an object that a read or write of our own was answered with, so that we read our own writes. It must match the selector.
    /// Older states than the known one are passed over; so is an unknown object from before the version that the watch has come to, since
    /// it may be gone again.
    /// </summary>
    public void Learn(KubernetesObject answered, List<ObjectChange> changes)
    {
        if (_objects.Find(answered.Key) is not null || (IsSynced && IsOlderVersion(_version, answered.ResourceVersion)))
        {
            Put(answered, changes);
        }
    }

    private void BeginList(Instant now, ImmutableArray<Effect>.Builder effects)
    {
        _pages.Clear();
        _relist = true;
        RequestPage("", effects);
        _lastHeard = now;
    }

    private void RequestPage(string token, ImmutableArray<Effect>.Builder effects)
    {
        _phase = Phase.Listing;
        _call = _numbers.Next();
        effects.Add(new Effect.CallCluster(
            _call, new ClusterRequest.List(Type, Selector, Limit: _options.PageSize, Continue: token), _options.ListTimeout));
    }

    private void OnListed(
        Instant now, Outcome<ClusterAnswer> outcome, ImmutableArray<Effect>.Builder effects, List<ObjectChange> changes)
    {
        if (!outcome.TryGetValue(out var page))
        {
            // An expired page token (410) starts over from the first page; so does everything else, since a list is all or nothing.
            Wait(now, outcome.RetryAfter);
            return;
        }

        // Trimmed at once: while many pages come, only what is kept of them is held.
        _pages.AddRange(_trim is null ? page.Items : page.Items.Select(_trim));
        if (page.Continue.Length > 0)
        {
            RequestPage(page.Continue, effects);
            return;
        }

        if (IsOlderVersion(page.ResourceVersion, _version) && !IsBelieved(now))
        {
            _pages.Clear();
            Wait(now, null);
            return;
        }

        var wentBack = IsOlderVersion(page.ResourceVersion, _version);
        ReplaceAll(page.ResourceVersion, wentBack, changes);
        IsSynced = true;
        _relist = false;
        _silences = 0;
        _failures = _versionWasLost ? _failures : 0;
        _versionWasLost = false;
        _staleSince = Instant.Never;
        SetVersion(page.ResourceVersion);
        OpenWatch(now, effects);
    }

    private bool IsBelieved(Instant now)
    {
        _staleSince = Instant.Min(_staleSince, now);
        return now - _staleSince >= _options.StaleListLimit;
    }

    private void ReplaceAll(string version, bool wentBack, List<ObjectChange> changes)
    {
        // At a start nothing is known that could be gone.
        var wasEmpty = _objects.Count == 0;
        foreach (var item in _pages)
        {
            Put(item, changes, wentBack);
        }

        if (!wasEmpty)
        {
            var listed = new SortedSet<ObjectKey>(_pages.Select(item => item.Key));
            foreach (var known in _objects.Values.Where(item => !listed.Contains(item.Key)).ToArray())
            {
                // One that we know from the answer to a write after this list is not gone: the watch will tell.
                if (wentBack || !IsOlderVersion(version, known.ResourceVersion))
                {
                    Remove(known.Key, changes);
                }
            }
        }

        _pages.Clear();
        _pages.TrimExcess();
    }

    private void OpenWatch(Instant now, ImmutableArray<Effect>.Builder effects)
    {
        _phase = Phase.Watching;
        _call = _numbers.Next();
        _openedAt = now;
        _lastHeard = now;
        effects.Add(new Effect.OpenWatch(_call, new WatchRequest(Type, Selector, _version)));
    }

    private void OnSignal(Instant now, WatchSignal signal, ImmutableArray<Effect>.Builder effects, List<ObjectChange> changes)
    {
        _silences = signal is WatchSignal.Closed ? _silences : 0;
        switch (signal)
        {
            case WatchSignal.Added { Object: var added } when !IsPast(added):
                Advance(added);
                Put(added, changes);
                break;
            case WatchSignal.Modified { Object: var modified } when !IsPast(modified):
                Advance(modified);
                Put(modified, changes);
                break;
            case WatchSignal.Deleted { Object: var deleted } when !IsPast(deleted):
                Advance(deleted);
                if (_objects.Find(deleted.Key) is { } known && !deleted.IsOlderThan(known))
                {
                    Remove(deleted.Key, changes);
                }

                break;
            case WatchSignal.Added or WatchSignal.Modified or WatchSignal.Deleted:
                // A watch never goes back: this was said before, and what it is about may be gone since.
                break;
            case WatchSignal.Bookmark bookmark:
                Advance(bookmark.ResourceVersion);
                break;
            case WatchSignal.Closed closed:
                OnClosed(now, closed, effects);
                break;
            default:
                throw new UnreachableException();
        }
    }

    private void OnClosed(Instant now, WatchSignal.Closed closed, ImmutableArray<Effect>.Builder effects)
    {
        effects.Add(new Effect.CloseWatch(_call));
        var lastedLong = now - _openedAt >= (closed.Kind == OutcomeKind.Expired ? _options.ShortHistory : _options.ShortWatch);
        if (lastedLong)
        {
            _failures = 0;
        }

        if (closed.Kind == OutcomeKind.Expired)
        {
            _relist = true;
            _versionWasLost = !lastedLong;
        }

        if (lastedLong && closed.Kind == OutcomeKind.Done)
        {
            OpenWatch(now, effects);
        }
        else if (lastedLong && closed.Kind == OutcomeKind.Expired)
        {
            BeginList(now, effects);
        }
        else
        {
            Wait(now, closed.RetryAfter);
        }
    }

    private void Wait(Instant now, TimeSpan? asked)
    {
        _failures++;
        _phase = Phase.Waiting;
        _retryAt = now + _options.Backoff.After(_failures, _options.Spread, asked);
    }

    private bool IsPast(KubernetesObject told) => told.VersionNumber is { } number && number < _versionNumber;

    // What is told of is at least as new as what was told before.
    private void Advance(KubernetesObject told)
    {
        _version = told.ResourceVersion;
        _versionNumber = told.VersionNumber;
    }

    private void Advance(string version)
    {
        if (!IsOlderVersion(version, _version))
        {
            SetVersion(version);
        }
    }

    private void SetVersion(string version)
    {
        _version = version;
        _versionNumber = ulong.TryParse(version, out var number) ? number : null;
    }

    private void Put(KubernetesObject received, List<ObjectChange> changes, bool wentBack = false)
    {
        var known = _objects.Find(received.Key);
        if (known is not null
            && (known.ResourceVersion == received.ResourceVersion || (!wentBack && received.IsOlderThan(known))))
        {
            return;
        }

        if (_keep is not null && !_keep(received))
        {
            if (known is not null)
            {
                Remove(received.Key, changes);
            }

            return;
        }

        received = _trim?.Invoke(received) ?? received;
        _objects.Put(received);
        if (known is not null && known.Uid != received.Uid)
        {
            // The same name, another object: the old one is gone.
            changes.Add(new ObjectChange(known, null));
            known = null;
        }

        changes.Add(new ObjectChange(known, received));
    }

    private void Remove(ObjectKey key, List<ObjectChange> changes)
    {
        if (_objects.Remove(key) is { } known)
        {
            changes.Add(new ObjectChange(known, null));
        }
    }

    // Versions are numbers since Kubernetes 1.35 says that they may be compared (KEP-5504); others are taken as newer.
    private static bool IsOlderVersion(string received, string known) =>
        ulong.TryParse(received, out var a) && ulong.TryParse(known, out var b) && a < b;
}
