using LocalPv.Core.Kubernetes;

namespace LocalPv.Core.Agents;

/// <summary>
/// Copies of objects in the order of their keys: an array, since they are walked through and looked up far more often than one comes or
/// goes, and what is listed comes in nearly this order.
/// </summary>
public sealed class ObjectCopies
{
    private KubernetesObject[] _ordered = [];

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>The objects in the order of their keys. Must not be kept: the next change alters it.</summary>
    public ArraySegment<KubernetesObject> Values => new(_ordered, 0, Count);

    /// <summary>The object of that key, or null.</summary>
    public KubernetesObject? Find(ObjectKey key) => IndexOf(key) is >= 0 and var index ? _ordered[index] : null;

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
    private int IndexOf(ObjectKey key) => _ordered.AsSpan(0, Count).BinarySearch(new ByKey(key));

    private readonly struct ByKey(ObjectKey key) : IComparable<KubernetesObject>
    {
        public int CompareTo(KubernetesObject? other) => key.CompareTo(other!.Key);
    }
}
