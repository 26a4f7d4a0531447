using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Core.Tests.World;

/// <summary>As much of the PV controller and the protection controllers as the agent's tests need.</summary>
internal static class TinyPvController
{
    /// <summary>Does one thing, if there is one to do.</summary>
    internal static bool Work(TestWorld world)
    {
        foreach (var volume in world.Volumes)
        {
            var claim = volume.ClaimKey is { } key ? world.Claim(key.Name) : null;
            if (claim is not null && claim.Uid == volume.ClaimUid)
            {
                if (Bind(world, volume, claim))
                {
                    return true;
                }
            }
            else if (volume.Phase != "Released")
            {
                world.Patch(volume, Phase("Released"), "status");
                return true;
            }
            else if (volume.IsBeingDeleted && volume.HasFinalizer("kubernetes.io/pv-protection"))
            {
                Unprotect(world, volume, "kubernetes.io/pv-protection");
                return true;
            }
        }

        var going = world.Server.Snapshot(ResourceTypes.PersistentVolumeClaims)
            .FirstOrDefault(claim => claim.IsBeingDeleted && claim.HasFinalizer("kubernetes.io/pvc-protection"));
        if (going is not null)
        {
            Unprotect(world, going, "kubernetes.io/pvc-protection");
        }

        return going is not null;
    }

    private static bool Bind(TestWorld world, PersistentVolume volume, PersistentVolumeClaim claim)
    {
        if (claim.IsBeingDeleted || volume.IsBeingDeleted)
        {
            return false;
        }

        if (volume.Phase != "Bound")
        {
            world.Patch(volume, Phase("Bound"), "status");
            return true;
        }

        if (claim.VolumeName.Length == 0)
        {
            world.Patch(claim, JsonMap.Of(("spec", JsonMap.Of(("volumeName", volume.Name)))));
            return true;
        }

        if (claim.Phase != "Bound" && claim.VolumeName == volume.Name)
        {
            world.Patch(claim, Phase("Bound"), "status");
            return true;
        }

        return false;
    }

    private static JsonMap Phase(string phase) => JsonMap.Of(("status", JsonMap.Of(("phase", phase))));

    private static void Unprotect(TestWorld world, KubernetesObject target, string finalizer)
    {
        var rest = target.Finalizers.Where(name => name != finalizer).ToArray();
        JsonTree list = rest.Length == 0 ? JsonNull.Instance : JsonList.OfTexts(rest);
        world.Patch(target, JsonMap.Of(("metadata", JsonMap.Of(("finalizers", list)))));
    }
}
