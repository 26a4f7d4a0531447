using LocalPv.Core.Kubernetes;

namespace LocalPv.Sim.Checking.Liveness;

/// <summary>
/// L03: a deleted claim that no Pod uses goes, and its PersistentVolume and logical volume with it where the policy is Delete.
/// </summary>
internal sealed class L03DeletionsEnd()
    : LivenessRule("L03", "What is deleted goes, and its space comes back.", TimeSpan.FromMinutes(10))
{
    /// <inheritdoc/>
    public override string? Pending()
    {
        var used = new SortedSet<ObjectKey>(Truth.Pods.Values.SelectMany(pod =>
            pod.ClaimNames.Select(name => new ObjectKey(pod.Namespace, name))));
        foreach (var claim in Truth.Claims.Values)
        {
            if (claim.IsBeingDeleted && Truth.IsOurs(claim) && !used.Contains(claim.Key))
            {
                return $"claim {claim.Key} is still being deleted.";
            }
        }

        foreach (var volume in Truth.PersistentVolumes.Values)
        {
            if (volume is { Phase: "Released", ReclaimPolicy: "Delete", ProvisionedBy: WellKnown.DefaultProvisioner }
                && CanBeRemoved(volume))
            {
                return $"{volume.Name} is still Released.";
            }
        }

        return null;
    }

    private bool CanBeRemoved(PersistentVolume volume)
    {
        var found = Truth.LogicalVolumesOf(volume.ClaimUid);
        var host = found.Count > 0 ? found[0].Node : volume.HostName ?? "";
        return Truth.IsServed(host) && found.All(logical => logical.Group.IsComplete && !logical.Volume.Partial)
            && Truth.Claims.Values.All(claim => claim.VolumeName != volume.Name);
    }
}
