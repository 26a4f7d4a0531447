using LocalPv.Core.Disks;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Provisioning;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Agents;

/// <content>The end of a NodeLocalStorage and its group.</content>
internal sealed partial class ClassKeeper
{
    // The group goes when no other NodeLocalStorage uses it and nothing is in it; the finalizer goes last.
    private void TakeDown(StorageEntry entry, NodeLocalStorage storage, NodeLocalStorageSpec spec)
    {
        var group = spec.VolumeGroup.Name;
        var shared = _entries.Values.Any(other =>
            other != entry && other.Object is { IsBeingDeleted: false } && other.Spec?.VolumeGroup.Name == group);
        var seen = _storage.LastScan!.Group(group);
        var ours = VolumeGroupPlanner.IsOurs(seen, spec.Node);
        if (seen is not null && entry.Refusal.Length == 0 && _storage.StateOf(group) == GroupState.Ready && !_storage.IsOutdated(group)
            && IsSucceeded(storage, spec))
        {
            Finish(entry, storage);
        }
        else if (IsInUse(group) && !VolumeGroupPlanner.IsOfAnotherNode(spec, seen))
        {
            // Without its group the end of a volume could not be told from a missing disk.
            entry.Recheck = _calls.Now + _options.ScanPeriod;
        }
        else if (shared || (seen is not null && (!ours || entry.Refusal.Length > 0)))
        {
            // Another group than the one that was is not this object's to take down, as one that somebody else made is not.
            Finish(entry, storage);
        }
        else if (seen is null)
        {
            var since = _storage.MissingSince(group) ?? _calls.Now;
            entry.Recheck = since + _options.MissingGroupGrace;
            if (_calls.Now < entry.Recheck)
            {
                return;
            }

            // Its disks may have come back since the last look: nobody gives a group up for lost who has not looked for that.
            entry.EndsAfter ??= _storage.LastUnclear;
            if (_storage.ScannedAt >= entry.Recheck && long.Max(entry.EndsAfter.Value, entry.ScanAfter) < _storage.Number)
            {
                Finish(entry, storage);
            }
            else
            {
                _storage.RequestScan();
            }
        }
        else if (seen.LogicalVolumes.IsEmpty && IsSeenSinceChanged(group) && entry.Change.IsReady(_calls.Now)
            && _storage.StateOf(group) == GroupState.Ready)
        {
            Send(entry, group, new NodeStorageRequest.RemoveVolumeGroup(group, seen.Uuid), outcome =>
            {
                if (outcome.Kind is OutcomeKind.Done or OutcomeKind.NotFound)
                {
                    entry.GroupRemoved = true;
                    Finish(entry, storage);
                }
                else
                {
                    _events.Warning(storage, "VolumeGroupFailed", $"Removing {group}: {outcome.Message}");
                }
            });
        }
    }

    // The class was deleted and made again over the same group: the new class's object takes the group over with all that is in it. An
    // object that is being deleted cannot be taken back, and would hold up the new class as long as the old one's volumes live. Somebody
    // else's group only where the new class asks for it too.
    private bool IsSucceeded(NodeLocalStorage storage, NodeLocalStorageSpec spec) =>
        _watches.Node is { IsBeingDeleted: false } node
        && _watches.Classes.Find(ObjectKey.ClusterScoped(storage.StorageClassName)) is StorageClass { IsBeingDeleted: false } again
        && StorageObject.OwnerOf(storage) is { Length: > 0 } owner && owner != again.Uid
        && StorageParameters.Read(again).Parameters is { } parameters && parameters.AppliesTo(node)
        && parameters.VolumeGroup.Name == spec.VolumeGroup.Name
        && (_storage.LastScan is not { } scan || scan.Group(spec.VolumeGroup.Name) is not { } seen
            || WouldTake(NodeLocalStorageSpec.For(spec.StorageClass, parameters, node), scan, seen));

    private bool WouldTake(NodeLocalStorageSpec successor, NodeScan scan, VolumeGroup seen) => successor.VolumeGroup.Adopt
        || (VolumeGroupPlanner.IsOurs(seen, successor.Node)
            && (VolumeGroupPlanner.IsOnDiskOf(successor, scan, seen) || HasOwnVolumes(scan, seen.Name)));

    private void Finish(StorageEntry entry, NodeLocalStorage storage)
    {
        if (storage.HasFinalizer(WellKnown.VolumeGroupFinalizer))
        {
            WriteFinalizers(entry, storage, [.. storage.Finalizers.Where(finalizer => finalizer != WellKnown.VolumeGroupFinalizer)]);
        }
    }

    // Somebody has taken it off, or put the object back without it. With nothing to hold it the object would go at once when it is
    // deleted, and its group would stay.
    private void Hold(StorageEntry entry, NodeLocalStorage storage) =>
        WriteFinalizers(entry, storage, [.. storage.Finalizers, WellKnown.VolumeGroupFinalizer]);

    private void WriteFinalizers(StorageEntry entry, NodeLocalStorage storage, string[] kept)
    {
        if (!entry.Finalizer.IsReady(_calls.Now))
        {
            return;
        }

        entry.Finalizer.Begin();
        var patch = JsonMap.Of(("metadata", JsonMap.Of(
            ("uid", storage.Uid),
            ("resourceVersion", storage.ResourceVersion),
            ("finalizers", kept.Length == 0 ? JsonNull.Instance : JsonList.OfTexts(kept)))));
        _calls.Cluster(new ClusterRequest.Patch(storage.Type, storage.Key, patch), _options.ApiTimeout, outcome =>
        {
            entry.Finalizer.Fail(_calls.Now, _options.Backoff, _options.Spread, outcome.RetryAfter);
            MarkDirty();
        });
    }
}
