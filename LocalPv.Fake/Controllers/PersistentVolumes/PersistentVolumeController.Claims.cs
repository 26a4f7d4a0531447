using LocalPv.Core.Kubernetes;
using LocalPv.Fake.Controllers.Machinery;

namespace LocalPv.Fake.Controllers.PersistentVolumes;

/// <content>What a claim needs next.</content>
public sealed partial class PersistentVolumeController
{
    private IEnumerable<Awaited> SyncClaim(ObjectKey key)
    {
        if (_claims.Find(key) is not PersistentVolumeClaim claim)
        {
            return [];
        }

        return claim.IsBindCompleted() ? SyncBoundClaim(claim)
            : claim.VolumeName.Length == 0 ? SyncUnboundClaim(claim)
            : SyncClaimOfNamedVolume(claim);
    }

    // The user did not care which volume it gets.
    private IEnumerable<Awaited> SyncUnboundClaim(PersistentVolumeClaim claim)
    {
        var storageClass = ClassOf(claim);
        var delayed = storageClass?.VolumeBindingMode == "WaitForFirstConsumer";
        if (_index.BestMatch(claim, delayed) is { } volume)
        {
            return Bind(volume, claim);
        }

        if (claim.StorageClassName is null && DefaultClass() is { } defaultClass)
        {
            var assigned = claim.Tree.WithAt(["spec", "storageClassName"], defaultClass.Name);
            return Save(new Saved<PersistentVolumeClaim>(claim), _claims, assigned);
        }

        if (delayed && claim.SelectedNode is null)
        {
            SayWhatIsAwaited(claim);
        }
        else if (claim.StorageClassName is { Length: > 0 } className)
        {
            AskForVolume(claim, className, storageClass);
            return [];
        }
        else
        {
            Events.Normal(claim, "FailedBinding", "no persistent volumes available for this claim and no storage class is set");
        }

        return SetStatus(new Saved<PersistentVolumeClaim>(claim), "Pending", null);
    }

    private void AskForVolume(PersistentVolumeClaim claim, string className, StorageClass? storageClass)
    {
        if (storageClass is null)
        {
            Events.Warning(claim, "ProvisioningFailed", $"storageclass.storage.k8s.io \"{className}\" not found");
        }
        else if (storageClass.Provisioner.StartsWith("kubernetes.io/", StringComparison.Ordinal))
        {
            Events.Warning(claim, "ProvisioningFailed", $"no volume plugin matched name: {storageClass.Provisioner}");
        }
        else
        {
            Begin(new Operation(OperationKind.Provision, claim.Key, claim.Uid));
        }
    }

    // Tells the external provisioner that it may begin: it looks at the annotation, not at the class.
    private IEnumerable<Awaited> Provision(Operation operation, Saved<KubernetesObject> done)
    {
        if (_claims.Find(operation.Key) is not PersistentVolumeClaim claim || claim.Uid != operation.Uid
            || ClassOf(claim) is not { } storageClass)
        {
            yield break;
        }

        var saved = new Saved<PersistentVolumeClaim>(claim);
        if (claim.Annotation(WellKnown.StorageProvisionerAnnotation) != storageClass.Provisioner)
        {
            var annotations = claim.Annotations
                .With(WellKnown.StorageProvisionerAnnotation, storageClass.Provisioner)
                .With(WellKnown.BetaStorageProvisionerAnnotation, storageClass.Provisioner);
            foreach (var step in Save(saved, _claims, claim.Tree.WithAt(["metadata", "annotations"], annotations)))
            {
                yield return step;
            }
        }

        done.Failed = saved.Failed;
        if (!saved.Failed)
        {
            Events.Normal(
                saved.Value,
                "ExternalProvisioning",
                $"Waiting for a volume to be created either by the external provisioner '{storageClass.Provisioner}' or manually by the "
                + "system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly "
                + "registered.");
        }
    }

    private void SayWhatIsAwaited(PersistentVolumeClaim claim)
    {
        var waiting = _podsByClaim.Of(claim.Key)
            .Where(pod => pod.NodeName.Length == 0 && pod.Phase is not ("Succeeded" or "Failed"))
            .Select(pod => pod.Name)
            .ToArray();
        switch (waiting)
        {
            case []:
                Events.Normal(claim, "WaitForFirstConsumer", "waiting for first consumer to be created before binding");
                break;
            case [var pod]:
                Events.Normal(claim, "WaitForPodScheduled", $"waiting for pod {pod} to be scheduled");
                break;
            default:
                Events.Normal(claim, "WaitForPodScheduled", $"waiting for pods {string.Join(",", waiting)} to be scheduled");
                break;
        }
    }

    // The user asked for one volume.
    private IEnumerable<Awaited> SyncClaimOfNamedVolume(PersistentVolumeClaim claim)
    {
        if (_volumes.Find(ObjectKey.ClusterScoped(claim.VolumeName)) is not PersistentVolume volume)
        {
            return SetStatus(new Saved<PersistentVolumeClaim>(claim), "Pending", null);
        }

        if (volume.ClaimKey is null)
        {
            if (VolumeFields.Mismatch(volume, claim) is not { } mismatch)
            {
                return Bind(volume, claim);
            }

            Events.Warning(claim, "VolumeMismatch", $"Cannot bind to requested volume \"{volume.Name}\": {mismatch}");
            return SetStatus(new Saved<PersistentVolumeClaim>(claim), "Pending", null);
        }

        if (volume.IsFor(claim))
        {
            return Bind(volume, claim);
        }

        // Another claim has it. Where we had bound it ourselves, somebody took our annotation away: upstream gives up on that with an
        // error.
        return claim.IsBoundByController() ? [] : SetStatus(new Saved<PersistentVolumeClaim>(claim), "Pending", null);
    }

    // The claim was bound before.
    private IEnumerable<Awaited> SyncBoundClaim(PersistentVolumeClaim claim)
    {
        if (claim.VolumeName.Length == 0)
        {
            return Lose(claim, "ClaimLost", "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!");
        }

        if (_volumes.Find(ObjectKey.ClusterScoped(claim.VolumeName)) is not PersistentVolume volume)
        {
            return Lose(claim, "ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!");
        }

        return volume.ClaimKey is null || volume.ClaimUid == claim.Uid
            ? Bind(volume, claim)
            : Lose(claim, "ClaimMisbound", "Two claims are bound to the same volume, this one is bound incorrectly");
    }

    private IEnumerable<Awaited> Lose(PersistentVolumeClaim claim, string reason, string message)
    {
        if (claim.Phase == "Lost")
        {
            yield break;
        }

        var saved = new Saved<PersistentVolumeClaim>(claim);
        foreach (var step in SetStatus(saved, "Lost", null))
        {
            yield return step;
        }

        if (!saved.Failed)
        {
            Events.Warning(saved.Value, reason, message);
        }
    }

    private StorageClass? ClassOf(PersistentVolumeClaim claim) => claim.StorageClassName is { Length: > 0 } name
        ? _classes.Find(ObjectKey.ClusterScoped(name)) as StorageClass
        : null;

    // The newest default class; of equally old ones the first by name.
    private StorageClass? DefaultClass()
    {
        StorageClass? newest = null;
        foreach (var value in _classes.Objects.Values)
        {
            if (value is StorageClass candidate && candidate.Annotation(VolumeFields.DefaultClassAnnotation) == "true"
                && (newest is null || candidate.CreatedAt > newest.CreatedAt))
            {
                newest = candidate;
            }
        }

        return newest;
    }
}
