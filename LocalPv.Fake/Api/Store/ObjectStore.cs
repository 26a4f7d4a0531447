using System.Globalization;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Api.Store;

/// <summary>
/// What etcd is to a real server: the objects, one counter of revisions for all of them, and the history, which is compacted after a
/// while. Knows no rules of kinds.
/// </summary>
internal sealed class ObjectStore(FakeApiServerOptions options)
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly SortedDictionary<string, ObjectTable> _tables = new(StringComparer.Ordinal);

    // The same few kinds are asked for again and again: found by reference, never walked.
    private readonly Dictionary<object, ObjectTable> _byKind = new(ReferenceEqualityComparer.Instance);
    private readonly Queue<(Instant At, long Revision)> _checkpoints = new();
    private readonly Queue<(Instant Ends, ObjectTable Table, KubernetesObject Object)> _lives = new();
    private Instant? _secondBegan;

    /// <summary>After each commit.</summary>
    public event Action<Change>? Committed;

    /// <summary>The revision of the newest commit.</summary>
    public long Revision { get; private set; } = options.FirstRevision;

    /// <summary>History up to this revision is gone.</summary>
    public long CompactedRevision { get; private set; }

    /// <summary>The table of a stored type, made when it is first asked for.</summary>
    public ObjectTable TableOf(KindInfo stored)
    {
        if (_byKind.TryGetValue(stored, out var known))
        {
            return known;
        }

        if (_byKind.Count > 1024)
        {
            _byKind.Clear();
        }

        return _byKind[stored] = FindTable(stored);
    }

    private ObjectTable FindTable(KindInfo stored)
    {
        var name = stored.Type.GroupResource;
        if (!_tables.TryGetValue(name, out var table))
        {
            table = new ObjectTable(stored, options.HistoryEntriesMax);
            _tables.Add(name, table);
        }

        return table;
    }

    /// <summary>
    /// Makes a change: the tree gets the new version, the history one more entry. Answers the object as it now is (or last was).
    /// </summary>
    public KubernetesObject Commit(Instant now, ObjectTable table, ChangeType type, JsonMap tree, KubernetesObject? previous)
    {
        AgeHistory(now);
        Revision++;
        var version = new JsonText(Revision.ToString(CultureInfo.InvariantCulture));
        var metadata = tree.Map("metadata") ?? JsonMap.Empty;
        var written = KubernetesObject.Read(table.Kind.Type, tree.With("metadata", metadata.With("resourceVersion", version)));
        var change = new Change(Revision, now, type, written, previous);
        table.Apply(change);
        table.Log.DropThrough(CompactedRevision);
        if (table.Kind.Life is { } life && type != ChangeType.Deleted)
        {
            _lives.Enqueue((now + life, table, written));
        }

        Committed?.Invoke(change);
        return written;
    }

    /// <summary>
    /// Deletes what has not been written for the life of its kind (etcd's leases): before a request is looked at, so that none meets an
    /// object that goes under its hands.
    /// </summary>
    public void LetGo(Instant now)
    {
        while (_lives.TryPeek(out var oldest) && oldest.Ends <= now)
        {
            _lives.Dequeue();
            if (ReferenceEquals(oldest.Table.Find(oldest.Object.Key), oldest.Object))
            {
                Commit(now, oldest.Table, ChangeType.Deleted, oldest.Object.Tree, oldest.Object);
            }
        }
    }

    /// <summary>Forgets the history up to a revision.</summary>
    public void Compact(long revision)
    {
        CompactedRevision = Math.Max(CompactedRevision, Math.Min(revision, Revision));
        foreach (var table in _tables.Values)
        {
            table.Log.DropThrough(CompactedRevision);
        }
    }

    /// <summary>Forgets what is older than the window. Cheap: what was committed within one second is forgotten together.</summary>
    public void AgeHistory(Instant now)
    {
        if (_secondBegan is not { } began)
        {
            _secondBegan = now;
        }
        else if (now - began >= Second)
        {
            _checkpoints.Enqueue((began + Second, Revision));
            _secondBegan = now;
        }

        while (_checkpoints.TryPeek(out var oldest) && now - oldest.At > options.HistoryWindow)
        {
            CompactedRevision = Math.Max(CompactedRevision, oldest.Revision);
            _checkpoints.Dequeue();
        }
    }
}
