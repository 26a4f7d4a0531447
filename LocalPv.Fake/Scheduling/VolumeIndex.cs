using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;

namespace LocalPv.Fake.Scheduling;

/// <summary>The volumes a claim could be bound to: those that are free, by class, and those that already name it.</summary>
internal sealed class VolumeIndex
{
    private readonly SortedDictionary<string, SortedDictionary<ObjectKey, PersistentVolume>> _freeByClass = new(StringComparer.Ordinal);
    private readonly SortedDictionary<ObjectKey, SortedDictionary<ObjectKey, PersistentVolume>> _byClaim = [];

    /// <summary>Takes in a change.</summary>
    public void OnChange(ObjectChange change)
    {
        if (change.Before is PersistentVolume before)
        {
            Remove(before);
        }

        if (change.After is PersistentVolume after)
        {
            Add(after);
        }
    }

    /// <summary>The free volumes of a class, by name.</summary>
    public IEnumerable<PersistentVolume> FreeOf(string storageClass) =>
        _freeByClass.TryGetValue(storageClass, out var volumes) ? volumes.Values : [];

    /// <summary>The volumes that name this claim, by name.</summary>
    public IEnumerable<PersistentVolume> For(ObjectKey claim) => _byClaim.TryGetValue(claim, out var volumes) ? volumes.Values : [];

    private void Add(PersistentVolume volume)
    {
        if (volume.ClaimKey is { } claim)
        {
            Into(_byClaim, claim, volume);
        }
        else if (volume.Phase == "Available")
        {
            Into(_freeByClass, volume.StorageClassName, volume);
        }
    }

    private void Remove(PersistentVolume volume)
    {
        if (volume.ClaimKey is { } claim)
        {
            OutOf(_byClaim, claim, volume);
        }
        else
        {
            OutOf(_freeByClass, volume.StorageClassName, volume);
        }
    }

    private static void Into<TKey>(
        SortedDictionary<TKey, SortedDictionary<ObjectKey, PersistentVolume>> index, TKey key, PersistentVolume volume)
        where TKey : notnull
    {
        if (!index.TryGetValue(key, out var volumes))
        {
            index.Add(key, volumes = []);
        }

        volumes[volume.Key] = volume;
    }

    private static void OutOf<TKey>(
        SortedDictionary<TKey, SortedDictionary<ObjectKey, PersistentVolume>> index, TKey key, PersistentVolume volume)
        where TKey : notnull
    {
        if (index.TryGetValue(key, out var volumes) && volumes.Remove(volume.Key) && volumes.Count == 0)
        {
            index.Remove(key);
        }
    }
}
