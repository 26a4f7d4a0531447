using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;
using LocalPv.Fake.Controllers.Machinery;

namespace LocalPv.Fake.Controllers.PersistentVolumes;

/// <content>What a volume needs next.</content>
public sealed partial class PersistentVolumeController
{
    private IEnumerable<Awaited> SyncVolume(ObjectKey key)
    {
        if (_volumes.Find(key) is not PersistentVolume volume)
        {
            return [];
        }

        // A volume that is reserved by name only waits for the sync of its claim, which upstream does not hurry: it comes with the resync.
        return volume.ClaimKey is not { } claim || volume.ClaimUid.Length == 0
            ? SetPhase(new Saved<PersistentVolume>(volume), "Available")
            : SyncClaimedVolume(volume, claim);
    }

    private IEnumerable<Awaited> SyncClaimedVolume(PersistentVolume volume, ObjectKey key)
    {
        var found = new Saved<PersistentVolumeClaim?>(null);
        foreach (var step in FindClaim(volume, key, found))
        {
            yield return step;
        }

        if (found.Failed)
        {
            yield break;
        }

        foreach (var step in SyncWith(volume, found.Value))
        {
            yield return step;
        }
    }

    private IEnumerable<Awaited> SyncWith(PersistentVolume volume, PersistentVolumeClaim? claim)
    {
        if (claim is null)
        {
            return Release(volume);
        }

        if (claim.VolumeName.Length == 0)
        {
            if (claim.VolumeMode != volume.VolumeMode())
            {
                SayModesDiffer(volume, claim);
                return [];
            }

            // Syncing the claim completes the binding; a provisioner writes the volume only and relies on this.
            _claimWorker.Add(claim.Key);
            return [];
        }

        if (claim.VolumeName == volume.Name)
        {
            return SetPhase(new Saved<PersistentVolume>(volume), "Bound");
        }

        // The claim went to another volume. One that was made for it is not needed any more.
        return volume.ProvisionedBy is not null && volume.ReclaimPolicy == "Delete" ? Release(volume) : Unbind(volume);
    }

    // The claim that the volume names, with its uid; asked for at the server before its absence is believed.
    private IEnumerable<Awaited> FindClaim(PersistentVolume volume, ObjectKey key, Saved<PersistentVolumeClaim?> found)
    {
        var known = _claims.Find(key) as PersistentVolumeClaim;
        var isSettled = volume.Phase is "Released" or "Failed";
        var ask = known is null ? !isSettled : known.Uid != volume.ClaimUid;
        if (ask && _options.AsksBeforeRelease)
        {
            var get = new ClusterCall(new ClusterRequest.Get(ResourceTypes.PersistentVolumeClaims, key));
            yield return get;
            found.Failed = get.Failed && !get.NotFound;
            known = get.Object as PersistentVolumeClaim;
        }

        found.Value = known?.Uid == volume.ClaimUid ? known : null;
    }

    private void SayModesDiffer(PersistentVolume volume, PersistentVolumeClaim claim)
    {
        Events.Warning(
            volume,
            "VolumeMismatch",
            $"Cannot bind PersistentVolume to requested PersistentVolumeClaim \"{claim.Name}\" due to incompatible volumeMode.");
        Events.Warning(
            claim,
            "VolumeMismatch",
            $"Cannot bind PersistentVolume \"{volume.Name}\" to requested PersistentVolumeClaim \"{claim.Name}\" "
            + "due to incompatible volumeMode.");
    }

    // A volume that has Failed stays so, to be seen, while reclaiming goes on.
    private IEnumerable<Awaited> Release(PersistentVolume volume)
    {
        var saved = new Saved<PersistentVolume>(volume);
        foreach (var step in volume.Phase is "Released" or "Failed" ? [] : SetPhase(saved, "Released"))
        {
            yield return step;
        }

        if (saved.Failed)
        {
            yield break;
        }

        switch (volume.ReclaimPolicy)
        {
            case "Retain":
                break;
            case "Delete":
                Begin(new Operation(OperationKind.Delete, volume.Key, volume.Uid));
                break;
            default:
                foreach (var step in Fail(saved, "VolumeUnknownReclaimPolicy", "Volume has unrecognized PersistentVolumeReclaimPolicy"))
                {
                    yield return step;
                }

                break;
        }
    }

    // Deleting is the provisioner's, which the volume names. One that names none belongs to no plugin: it Fails.
    private IEnumerable<Awaited> Delete(Operation operation, Saved<KubernetesObject> done)
    {
        var get = new ClusterCall(new ClusterRequest.Get(ResourceTypes.PersistentVolumes, operation.Key));
        yield return get;
        if (get.Object is not PersistentVolume { IsBeingDeleted: false, ClaimUid.Length: > 0 } volume || volume.ClaimKey is not { } key)
        {
            yield break;
        }

        var known = _claims.Find(key) as PersistentVolumeClaim;
        if (_options.AsksBeforeReclaim && known?.Uid != volume.ClaimUid)
        {
            var ask = new ClusterCall(new ClusterRequest.Get(ResourceTypes.PersistentVolumeClaims, key));
            yield return ask;
            if (ask.Failed && !ask.NotFound)
            {
                yield break;
            }

            known = ask.Object as PersistentVolumeClaim;
        }

        var isNeeded = known?.Uid == volume.ClaimUid && (known.VolumeName.Length == 0 || known.VolumeName == volume.Name);
        var isExternal = volume.ProvisionedBy is { Length: > 0 } provisioner
            && !provisioner.StartsWith("kubernetes.io/", StringComparison.Ordinal);
        if (isNeeded || isExternal)
        {
            yield break;
        }

        done.Failed = true;
        foreach (var step in Fail(
                     new Saved<PersistentVolume>(volume),
                     "VolumeFailedDelete",
                     $"error getting deleter volume plugin for volume \"{volume.Name}\": no volume plugin matched"))
        {
            yield return step;
        }
    }

    private IEnumerable<Awaited> Fail(Saved<PersistentVolume> saved, string reason, string message)
    {
        if (saved.Value.Phase == "Failed")
        {
            yield break;
        }

        foreach (var step in SetPhase(saved, "Failed", message))
        {
            yield return step;
        }

        if (!saved.Failed)
        {
            Events.Warning(saved.Value, reason, message);
        }
    }
}
