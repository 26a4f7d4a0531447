using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Fake.Controllers.Machinery;

namespace LocalPv.Fake.Controllers.PersistentVolumes;

/// <content>
/// Binding: four writes in this order, each left out where there is nothing to change; a process that ends between two of them leaves a
/// state that the next sync completes.
/// </content>
public sealed partial class PersistentVolumeController
{
    private IEnumerable<Awaited> Bind(PersistentVolume volume, PersistentVolumeClaim claim)
    {
        var savedVolume = new Saved<PersistentVolume>(volume);
        foreach (var step in ReserveVolume(savedVolume, claim))
        {
            yield return step;
        }

        foreach (var step in savedVolume.Failed ? [] : SetPhase(savedVolume, "Bound"))
        {
            yield return step;
        }

        var savedClaim = new Saved<PersistentVolumeClaim>(claim);
        foreach (var step in savedVolume.Failed ? [] : NameVolume(savedClaim, savedVolume.Value))
        {
            yield return step;
        }

        foreach (var step in savedVolume.Failed || savedClaim.Failed ? [] : SetStatus(savedClaim, "Bound", savedVolume.Value))
        {
            yield return step;
        }
    }

    private IEnumerable<Awaited> ReserveVolume(Saved<PersistentVolume> saved, PersistentVolumeClaim claim)
    {
        var volume = saved.Value;
        var tree = volume.Tree;
        if (volume.ClaimKey != claim.Key || volume.ClaimUid != claim.Uid)
        {
            tree = tree.WithAt(["spec", "claimRef"], ReferenceTo(claim));
        }

        if (!volume.IsFor(claim) && !volume.IsBoundByController())
        {
            tree = tree.WithAt(["metadata", "annotations", WellKnown.BoundByControllerAnnotation], "yes");
        }

        return ReferenceEquals(tree, volume.Tree) ? [] : Save(saved, _volumes, tree);
    }

    private IEnumerable<Awaited> NameVolume(Saved<PersistentVolumeClaim> saved, PersistentVolume volume)
    {
        var claim = saved.Value;
        var tree = claim.Tree;
        if (claim.VolumeName != volume.Name)
        {
            tree = tree.WithAt(["spec", "volumeName"], volume.Name);
            if (!claim.IsBoundByController())
            {
                tree = tree.WithAt(["metadata", "annotations", WellKnown.BoundByControllerAnnotation], "yes");
            }
        }

        if (!claim.IsBindCompleted())
        {
            tree = tree.WithAt(["metadata", "annotations", WellKnown.BindCompletedAnnotation], "yes");
        }

        return ReferenceEquals(tree, claim.Tree) ? [] : Save(saved, _claims, tree);
    }

    // The capacity is taken over when the phase changes and not later: afterwards a difference means that the file system has yet to grow.
    private IEnumerable<Awaited> SetStatus(Saved<PersistentVolumeClaim> saved, string phase, PersistentVolume? volume)
    {
        var claim = saved.Value;
        var status = claim.Tree.Map("status") ?? JsonMap.Empty;
        var wanted = status.With("phase", phase);
        if (volume is null)
        {
            wanted = wanted.Without("accessModes").Without("capacity");
        }
        else
        {
            wanted = wanted.With("accessModes", volume.AccessModeList());
            if (claim.Phase != phase)
            {
                wanted = wanted.With("capacity", volume.Tree.At("spec", "capacity"));
            }
        }

        return wanted.Equals(status) ? [] : Save(saved, _claims, claim.Tree.With("status", wanted), "status");
    }

    private IEnumerable<Awaited> SetPhase(Saved<PersistentVolume> saved, string phase, string message = "")
    {
        var volume = saved.Value;
        if (volume.Phase == phase)
        {
            return [];
        }

        var status = (volume.Tree.Map("status") ?? JsonMap.Empty)
            .With("phase", phase)
            .With("message", message.Length > 0 ? (JsonTree)message : null);
        return Save(saved, _volumes, volume.Tree.With("status", status), "status");
    }

    // Takes back a binding that came to nothing, since the claim went to another volume.
    private IEnumerable<Awaited> Unbind(PersistentVolume volume)
    {
        var tree = volume.IsBoundByController()
            ? volume.Tree
                .WithAt(["spec", "claimRef"], null)
                .WithAt(["metadata", "annotations", WellKnown.BoundByControllerAnnotation], null)
            : volume.Tree.WithAt(["spec", "claimRef", "uid"], null);
        var saved = new Saved<PersistentVolume>(volume);
        foreach (var step in Save(saved, _volumes, tree))
        {
            yield return step;
        }

        foreach (var step in saved.Failed ? [] : SetPhase(saved, "Available"))
        {
            yield return step;
        }
    }

    private static JsonMap ReferenceTo(PersistentVolumeClaim claim) => JsonMap.Of(
        ("apiVersion", "v1"),
        ("kind", "PersistentVolumeClaim"),
        ("namespace", claim.Namespace),
        ("name", claim.Name),
        ("uid", claim.Uid),
        ("resourceVersion", claim.ResourceVersion));
}
