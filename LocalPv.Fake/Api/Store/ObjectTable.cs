using LocalPv.Core.Kubernetes;

namespace LocalPv.Fake.Api.Store;

/// <summary>The objects of one stored kind as they are now, and the log of their changes.</summary>
internal sealed class ObjectTable(KindInfo kind, int logEntriesMax)
{
    // Looked up by key only; whatever walks the objects walks the ordered set.
    private readonly Dictionary<ObjectKey, KubernetesObject> _byKey = [];
    private readonly SortedSet<ObjectKey> _order = new(StorageOrder.Instance);

    /// <summary>The kind as it is stored; replaced when its CustomResourceDefinition changes.</summary>
    public KindInfo Kind { get; set; } = kind;

    /// <summary>The changes.</summary>
    public ChangeLog Log { get; } = new(logEntriesMax);

    /// <summary>How many objects there are.</summary>
    public int Count => _byKey.Count;

    /// <summary>The object of a key, or null.</summary>
    public KubernetesObject? Find(ObjectKey key) => _byKey.GetValueOrDefault(key);

    /// <summary>The objects in the order of their keys, of one namespace or (empty) of all.</summary>
    public IEnumerable<KubernetesObject> InOrder(string inNamespace)
    {
        var keys = inNamespace.Length == 0
            ? _order
            : _order.GetViewBetween(new ObjectKey(inNamespace, ""), new ObjectKey(inNamespace, "\uffff"));
        foreach (var key in keys)
        {
            yield return _byKey[key];
        }
    }

    /// <summary>Makes a committed change visible.</summary>
    public void Apply(Change change)
    {
        var key = change.Object.Key;
        if (change.Type == ChangeType.Deleted)
        {
            _byKey.Remove(key);
            _order.Remove(key);
        }
        else
        {
            if (change.Type == ChangeType.Added)
            {
                _order.Add(key);
            }

            _byKey[key] = change.Object;
        }

        Log.Append(change);
    }

    /// <summary>
    /// The objects as they were right after a revision that the log still covers, in the order of their keys: today's, with the later
    /// changes taken back.
    /// </summary>
    public IEnumerable<KubernetesObject> AsOf(long revision, string inNamespace)
    {
        var from = Log.PositionAfter(revision);
        if (from == Log.End)
        {
            return InOrder(inNamespace);
        }

        var then = new SortedDictionary<ObjectKey, KubernetesObject>(StorageOrder.Instance);
        foreach (var item in InOrder(inNamespace))
        {
            then[item.Key] = item;
        }

        for (var position = Log.End - 1; position >= from; position--)
        {
            var change = Log[position];
            if (inNamespace.Length > 0 && change.Object.Namespace != inNamespace)
            {
                continue;
            }

            if (change.Previous is null)
            {
                then.Remove(change.Object.Key);
            }
            else
            {
                then[change.Object.Key] = change.Previous;
            }
        }

        return then.Values;
    }
}
