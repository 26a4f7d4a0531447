using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;

namespace LocalPv.Fake.Controllers.PersistentVolumes;

/// <summary>
/// Finds volumes by the claim they are reserved for, and free volumes of a class by size, without looking at the others. Upstream walks
/// through all volumes of matching access modes; what it finds is the same.
/// </summary>
internal sealed class VolumeIndex
{
    private readonly Dictionary<ObjectKey, SortedDictionary<string, PersistentVolume>> _byClaim = [];
    private readonly Dictionary<string, SortedDictionary<(long Bytes, string Name), PersistentVolume>> _free = [];

    internal void Note(ObjectChange change)
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

    /// <summary>
    /// The volume to bind the claim to: one that is reserved for it, else (unless <paramref name="delayed"/>: then choosing is the
    /// scheduler's) the smallest free one that fits; equal sizes by name.
    /// </summary>
    internal PersistentVolume? BestMatch(PersistentVolumeClaim claim, bool delayed)
    {
        if (_byClaim.TryGetValue(claim.Key, out var reserved))
        {
            foreach (var (_, volume) in reserved)
            {
                if (volume.IsFor(claim) && !volume.IsBeingDeleted && volume.Size() >= claim.Request()
                    && volume.VolumeMode() == claim.VolumeMode && VolumeFields.HasAccessModes(volume, claim))
                {
                    return volume;
                }
            }
        }

        return delayed ? null : SmallestFree(claim);
    }

    private PersistentVolume? SmallestFree(PersistentVolumeClaim claim)
    {
        if (!_free.TryGetValue(claim.StorageClassName ?? "", out var free))
        {
            return null;
        }

        foreach (var (place, volume) in free)
        {
            if (place.Bytes >= claim.Request().Value && volume.Phase == "Available" && !volume.IsBeingDeleted
                && VolumeFields.Mismatch(volume, claim) is null && volume.IsSelectedBy(claim))
            {
                return volume;
            }
        }

        return null;
    }

    private void Add(PersistentVolume volume)
    {
        if (volume.ClaimKey is { } claim)
        {
            if (!_byClaim.TryGetValue(claim, out var reserved))
            {
                _byClaim.Add(claim, reserved = new(StringComparer.Ordinal));
            }

            reserved[volume.Name] = volume;
            return;
        }

        if (!_free.TryGetValue(volume.StorageClassName, out var free))
        {
            _free.Add(volume.StorageClassName, free = []);
        }

        free[PlaceOf(volume)] = volume;
    }

    private void Remove(PersistentVolume volume)
    {
        if (volume.ClaimKey is { } claim)
        {
            if (_byClaim.TryGetValue(claim, out var reserved) && reserved.Remove(volume.Name) && reserved.Count == 0)
            {
                _byClaim.Remove(claim);
            }
        }
        else if (_free.TryGetValue(volume.StorageClassName, out var free) && free.Remove(PlaceOf(volume)) && free.Count == 0)
        {
            _free.Remove(volume.StorageClassName);
        }
    }

    private static (long Bytes, string Name) PlaceOf(PersistentVolume volume) => (volume.Size().Value, volume.Name);
}
