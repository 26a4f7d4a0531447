using LocalPv.Core.Kubernetes;
using LocalPv.Core.Provisioning;

namespace LocalPv.Sim.Checking.Liveness;

/// <summary>
/// L03: a deleted claim that no Pod uses goes, and its PersistentVolume and logical volume with it where the policy is Delete. One
/// whose protection a person has taken off may still be in use.
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
        var host = found.Count > 0 ? found[0].Node : Truth.NodeOfHost(volume.HostName) ?? "";
        return Truth.IsServed(host) && (found.Count > 0 || IsGroupThere(volume, host))
            && found.All(logical => !logical.Volume.Partial && IsWhole(logical) && !Truth.IsOpen(logical))
            && Truth.Claims.Values.All(claim => claim.VolumeName != volume.Name);
    }

    // As it is now: nothing is changed in a group that misses a disk.
    private bool IsWhole(VolumeTruth logical) => Truth.Nodes.TryGetValue(logical.Node, out var node)
        && node.Group(logical.Group.Name.Value) is { IsComplete: true };

    // A group whose last disk has died is not seen, nor what lies in it: that it is away does not mean that its volumes are removed.
    private bool IsGroupThere(PersistentVolume volume, string host) => VolumePlace.Of(volume) is { } place
        && Truth.Nodes.TryGetValue(host, out var node) && node.Group(place.Group.Value) is { IsComplete: true };
}
