using System.Collections.Immutable;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Api.Store;

/// <summary>
/// A Kubernetes API server in memory: the semantics of a real one without HTTP. One append-only history with one counter of revisions;
/// objects are immutable trees, one <see cref="KubernetesObject"/> for each revision, shared by all who read or watch it.
/// Two doors lead to the same rules: the typed one (<see cref="Send"/>, <see cref="OpenWatch(Instant,WatchRequest)"/>: what the port
/// speaks, for the simulator and models in the same process) and the full one (<see cref="Create"/> … <see cref="DeleteAll"/>: what HTTP
/// needs). Time is an argument; the same seed and calls give the same answers. Single-threaded: whoever drives it serialises the calls.
/// </summary>
public sealed class FakeApiServer
{
    private readonly FakeApiServerOptions _options;
    private readonly ObjectStore _store;
    private readonly ObjectWriter _writer;
    private readonly ObjectReader _reader;
    private readonly SeededStream _lives;

    /// <summary>A server with the built-in kinds and the namespaces of the options.</summary>
    public FakeApiServer(FakeApiServerOptions options)
    {
        _options = options;
        _store = new ObjectStore(options);
        _lives = new SeededStream(options.Seed ^ 0x77617463686573UL);
        _reader = new ObjectReader(_store, Kinds);
        _writer = new ObjectWriter(_store, Kinds, options.Seed);
        _store.Committed += change =>
        {
            Committed?.Invoke(change);
            Changed?.Invoke();
        };
        foreach (var name in options.Namespaces)
        {
            Seed(options.StartedAt, ResourceTypes.Namespaces, JsonMap.Of(("metadata", JsonMap.Of(("name", name)))));
        }
    }

    /// <summary>After every commit.</summary>
    public event Action? Changed;

    /// <summary>After every commit, with what was committed: for checkers that follow the whole history.</summary>
    public event Action<Change>? Committed;

    /// <summary>The kinds that are served.</summary>
    public KindRegistry Kinds { get; } = new();

    /// <summary>The revision of the newest commit.</summary>
    public long Revision => _store.Revision;

    /// <summary>History up to this revision is gone.</summary>
    public long CompactedRevision => _store.CompactedRevision;

    /// <summary>Forgets the history up to a revision at once, as a compaction of etcd does.</summary>
    public void Compact(long revision) => _store.Compact(revision);

    /// <summary>The object as it is now, or null: for models and checkers that look without asking.</summary>
    public KubernetesObject? Find(ResourceType type, ObjectKey key) =>
        Kinds.TryFind(type, out var kind) ? _store.TableOf(Kinds.StoredKindOf(kind)).Find(key) : null;

    /// <summary>All objects of a type as they are now, in the order of their keys.</summary>
    public ImmutableArray<KubernetesObject> Snapshot(ResourceType type) =>
        Kinds.TryFind(type, out var kind) ? [.. _store.TableOf(Kinds.StoredKindOf(kind)).InOrder("")] : [];

    /// <summary>Creates an object that must be acceptable; throws where it is not: for setting up a cluster.</summary>
    public KubernetesObject Seed(Instant now, ResourceType type, JsonMap body)
    {
        var kind = Kinds.TryFind(type, out var found) ? found : throw new InvalidOperationException($"{type} is not served.");
        var result = Create(now, kind, body.Map("metadata")?.Text("namespace") ?? "", body, WriteOptions.Anonymous);
        return result.Object ?? throw new InvalidOperationException($"{type}: {result.Error!.Message}");
    }

    /// <summary>The typed door: answers a request by the port's contract.</summary>
    public Outcome<ClusterAnswer> Send(Instant now, ClusterRequest request)
    {
        _store.LetGo(now);
        if (!Kinds.TryFind(request.Resource, out var kind) || !kind.IsServed)
        {
            return Answer(request, ApiResult.Failed(StatusError.NoSuchResource()));
        }

        return Answer(request, request switch
        {
            ClusterRequest.Get get => Get(kind, get.Key),
            ClusterRequest.List list => List(now, kind, new ListOptions
            {
                Selector = list.Selector,
                ResourceVersion = list.ResourceVersion,
                Limit = list.Limit,
                Continue = list.Continue,
            }),
            ClusterRequest.Create create => Create(now, kind, create.Namespace, create.Body, WriteOptions.Anonymous),
            ClusterRequest.Patch patch =>
                Patch(now, kind, patch.Key, PatchType.Merge, patch.Changes, patch.Subresource, WriteOptions.Anonymous),
            ClusterRequest.Replace replace =>
                Replace(now, kind, replace.Key, replace.Body, replace.Subresource, WriteOptions.Anonymous),
            ClusterRequest.CreateSubresource sub =>
                CreateSubresource(now, kind, sub.Key, sub.Subresource, sub.Body, WriteOptions.Anonymous),
            ClusterRequest.Delete delete => Delete(now, kind, delete.Key, new DeleteOptions
            {
                Uid = delete.Uid,
                ResourceVersion = delete.ResourceVersion,
                GracePeriodSeconds = delete.GracePeriodSeconds,
                PropagationPolicy = delete.PropagationPolicy,
            }),
            _ => throw new ArgumentException($"An unknown request: {request}.", nameof(request)),
        });
    }

    /// <summary>The typed door: opens a watch, with bookmarks, for a time that the server chooses.</summary>
    public FakeWatch OpenWatch(Instant now, WatchRequest request) =>
        Kinds.TryFind(request.Type, out var kind) && kind.IsServed
            ? OpenWatch(now, kind, new WatchOptions
            {
                Selector = request.Selector,
                ResourceVersion = request.ResourceVersion,
                AllowBookmarks = true,
            })
            : _reader.Refuse(StatusError.NoSuchResource());

    /// <summary>Reads one object as it is now.</summary>
    public ApiResult Get(KindInfo kind, ObjectKey key) => _reader.Get(kind, key);

    /// <summary>Reads objects, a page at a time.</summary>
    public ApiResult List(Instant now, KindInfo kind, ListOptions options)
    {
        _store.LetGo(now);
        _store.AgeHistory(now);
        return _reader.List(kind, options);
    }

    /// <summary>Opens a watch; where that is not possible, the watch's <see cref="FakeWatch.OpeningError"/> says why.</summary>
    public FakeWatch OpenWatch(Instant now, KindInfo kind, WatchOptions options)
    {
        _store.LetGo(now);
        _store.AgeHistory(now);
        var life = options.Timeout
            ?? _options.WatchLifeMin + TimeSpan.FromTicks((long)(_lives.Next() % (ulong)_options.WatchLifeMin.Ticks));
        return _reader.OpenWatch(now, kind, options, _options.BookmarkPeriod, life);
    }

    /// <summary>Makes an object. <paramref name="inNamespace"/> is empty for cluster-scoped kinds.</summary>
    public ApiResult Create(Instant now, KindInfo kind, string inNamespace, JsonMap body, WriteOptions options)
    {
        _store.LetGo(now);
        return _writer.Create(now, kind, inNamespace, body, options);
    }

    /// <summary>Replaces an object, or its <c>status</c> or <c>finalize</c> subresource.</summary>
    public ApiResult Replace(Instant now, KindInfo kind, ObjectKey key, JsonMap body, string subresource, WriteOptions options)
    {
        _store.LetGo(now);
        return _writer.Replace(now, kind, key, body, subresource, options);
    }

    /// <summary>Patches an object or its status; an apply makes the object where it does not exist.</summary>
    public ApiResult Patch(
        Instant now, KindInfo kind, ObjectKey key, PatchType type, JsonTree patch, string subresource, WriteOptions options)
    {
        _store.LetGo(now);
        return _writer.Patch(now, kind, key, type, patch, subresource, options);
    }

    /// <summary>Creates a subresource: a Pod's <c>binding</c> or <c>eviction</c>.</summary>
    public ApiResult CreateSubresource(
        Instant now, KindInfo kind, ObjectKey key, string subresource, JsonMap body, WriteOptions options) =>
        _writer.CreateSubresource(now, kind, key, subresource, body, options);

    /// <summary>Deletes an object, or marks it as being deleted while finalizers or a grace period hold it.</summary>
    public ApiResult Delete(Instant now, KindInfo kind, ObjectKey key, DeleteOptions options)
    {
        _store.LetGo(now);
        return _writer.Delete(now, kind, key, options);
    }

    /// <summary>Deletes all objects that match, each as <see cref="Delete"/> does; answers with what was matched.</summary>
    public ApiResult DeleteAll(Instant now, KindInfo kind, ObjectSelector selector, DeleteOptions options)
    {
        var matched = _reader.List(kind, new ListOptions { Selector = selector });
        foreach (var item in matched.Items)
        {
            Delete(now, kind, item.Key, options);
        }

        return matched;
    }

    private static Outcome<ClusterAnswer> Answer(ClusterRequest request, ApiResult result)
    {
        return result.Error is { } error
            ? error.ToOutcome<ClusterAnswer>(request)
            : Outcome.Done(new ClusterAnswer(
                result.Object, result.Items, result.Object?.ResourceVersion ?? result.ResourceVersion, result.Continue));
    }
}
