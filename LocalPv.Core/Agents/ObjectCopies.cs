using System.Collections;
using System.Diagnostics.CodeAnalysis;
using LocalPv.Core.Kubernetes;

namespace LocalPv.Core.Agents;

/// <summary>
/// Copies of objects in the order of their keys: an array, since they are walked through and looked up far more often than one comes or
/// goes, and what is listed comes in nearly this order.
/// </summary>
public sealed class ObjectCopies : IReadOnlyDictionary<ObjectKey, KubernetesObject>
{
    private KubernetesObject[] _ordered = [];

    /// <inheritdoc/>
    public int Count { get; private set; }

    /// <summary>The objects in the order of their keys. Must not be kept: the next change alters it.</summary>
    public ArraySegment<KubernetesObject> Values => new(_ordered, 0, Count);

    /// <inheritdoc/>
    public IEnumerable<ObjectKey> Keys => Values.Select(item => item.Key);

    IEnumerable<KubernetesObject> IReadOnlyDictionary<ObjectKey, KubernetesObject>.Values => Values;

    /// <inheritdoc/>
    public KubernetesObject this[ObjectKey key] => Find(key) ?? throw new KeyNotFoundException($"There is no object {key}.");

    /// <summary>The object of that key, or null.</summary>
    public KubernetesObject? Find(ObjectKey key) => IndexOf(key) is >= 0 and var index ? _ordered[index] : null;

    /// <inheritdoc/>
    public bool ContainsKey(ObjectKey key) => IndexOf(key) >= 0;

    /// <inheritdoc/>
    public bool TryGetValue(ObjectKey key, [MaybeNullWhen(false)] out KubernetesObject value)
    {
        value = Find(key);
        return value is not null;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<ObjectKey, KubernetesObject>> GetEnumerator() =>
        Values.Select(item => KeyValuePair.Create(item.Key, item)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Puts an object in its place, or in that of the one with its key.</summary>
    internal void Put(KubernetesObject item)
    {
        var index = Count > 0 && _ordered[Count - 1].Key < item.Key ? ~Count : IndexOf(item.Key);
        if (index >= 0)
        {
            _ordered[index] = item;
            return;
        }

        if (Count == _ordered.Length)
        {
            Array.Resize(ref _ordered, Math.Max(4, Count * 2));
        }

        Array.Copy(_ordered, ~index, _ordered, ~index + 1, Count - ~index);
        _ordered[~index] = item;
        Count++;
    }

    /// <summary>Takes the object of that key out; null where there is none.</summary>
    internal KubernetesObject? Remove(ObjectKey key)
    {
        var index = IndexOf(key);
        if (index < 0)
        {
            return null;
        }

        var removed = _ordered[index];
        Count--;
        Array.Copy(_ordered, index + 1, _ordered, index, Count - index);
        _ordered[Count] = null!;
        return removed;
    }

    // Where the key is, or the complement of where it would be.
    private int IndexOf(ObjectKey key)
    {
        int low = 0, high = Count - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = _ordered[middle].Key.CompareTo(key);
            if (order == 0)
            {
                return middle;
            }

            if (order < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return ~low;
    }
}
