using LocalPv.Core.Kubernetes;

namespace LocalPv.Fake.Api.Store;

/// <summary>The objects of one stored kind as they are now, and the log of their changes.</summary>
internal sealed class ObjectTable(KindInfo kind, int logEntriesMax)
{
    // Looked up by key only; whatever walks the objects walks the ordered ones.
    private readonly Dictionary<ObjectKey, KubernetesObject> _byKey = [];
    private KubernetesObject[] _ordered = [];

    /// <summary>The kind as it is stored; replaced when its CustomResourceDefinition changes.</summary>
    public KindInfo Kind { get; set; } = kind;

    /// <summary>The changes.</summary>
    public ChangeLog Log { get; } = new(logEntriesMax);

    /// <summary>How many objects there are.</summary>
    public int Count => _byKey.Count;

    /// <summary>The object of a key, or null.</summary>
    public KubernetesObject? Find(ObjectKey key) => _byKey.GetValueOrDefault(key);

    /// <summary>
    /// The objects in the order of their keys, of one namespace or (empty) of all. Must not be kept: the next change alters it.
    /// </summary>
    public ArraySegment<KubernetesObject> InOrder(string inNamespace)
    {
        if (inNamespace.Length == 0)
        {
            return new(_ordered, 0, Count);
        }

        var from = IndexOf(new ObjectKey(inNamespace, ""));
        var to = IndexOf(new ObjectKey(inNamespace, "\uffff"));
        from = from < 0 ? ~from : from;
        return new(_ordered, from, (to < 0 ? ~to : to) - from);
    }

    /// <summary>Makes a committed change visible.</summary>
    public void Apply(Change change)
    {
        var key = change.Object.Key;
        var index = IndexOf(key);
        if (change.Type == ChangeType.Deleted)
        {
            _byKey.Remove(key);
            Array.Copy(_ordered, index + 1, _ordered, index, Count - index);
            _ordered[Count] = null!;
        }
        else
        {
            if (index < 0)
            {
                index = ~index;
                if (Count == _ordered.Length)
                {
                    Array.Resize(ref _ordered, Math.Max(16, Count * 2));
                }

                Array.Copy(_ordered, index, _ordered, index + 1, Count - index);
            }

            _byKey[key] = change.Object;
            _ordered[index] = change.Object;
        }

        Log.Append(change);
    }

    /// <summary>
    /// The objects as they were right after a revision that the log still covers, in the order of their keys: today's, with the later
    /// changes taken back.
    /// </summary>
    public ArraySegment<KubernetesObject> AsOf(long revision, string inNamespace)
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

        return then.Values.ToArray();
    }

    // Where the object of the key is, or the complement of where it would be.
    private int IndexOf(ObjectKey key) => _ordered.AsSpan(0, Count).BinarySearch(new ByKey(key));

    private readonly struct ByKey(ObjectKey key) : IComparable<KubernetesObject>
    {
        public int CompareTo(KubernetesObject? other) => StorageOrder.Instance.Compare(key, other!.Key);
    }
}
