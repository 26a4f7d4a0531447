using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;

namespace LocalPv.Fake.Tests.Scheduling;

/// <summary>Does at once what the PV controller and a provisioner do together: a volume for each claim with a selected node.</summary>
internal static class TinyProvisioner
{
    public static void Act(SchedulerWorld world)
    {
        foreach (var claim in world.Server.Snapshot(ResourceTypes.PersistentVolumeClaims).Cast<PersistentVolumeClaim>())
        {
            if (claim.SelectedNode is { } node && claim.VolumeName.Length == 0)
            {
                Provision(world, claim, node);
            }
        }
    }

    public static void Provision(SchedulerWorld world, PersistentVolumeClaim claim, string node)
    {
        world.Create<PersistentVolume>(ResourceTypes.PersistentVolumes, Cluster.Volume(claim, node));
        Bind(world, claim.Name);
    }

    public static void Announce(SchedulerWorld world, string claim) => world.Send(new ClusterRequest.Patch(
        ResourceTypes.PersistentVolumeClaims,
        new ObjectKey("default", claim),
        JsonMap.Of(("metadata", JsonMap.Of(("annotations", JsonMap.Of(
            (WellKnown.StorageProvisionerAnnotation, Cluster.Provisioner),
            (WellKnown.BetaStorageProvisionerAnnotation, Cluster.Provisioner))))))));

    /// <summary>The PV controller's four writes.</summary>
    public static void Bind(SchedulerWorld world, string claimName)
    {
        var claim = world.Claim(claimName);
        var volume = ObjectKey.ClusterScoped("pvc-" + claim.Uid);
        world.Send(new ClusterRequest.Patch(
            ResourceTypes.PersistentVolumes, volume, JsonMap.Of(("status", JsonMap.Of(("phase", "Bound")))), "status"));
        world.Send(new ClusterRequest.Patch(
            ResourceTypes.PersistentVolumeClaims,
            claim.Key,
            JsonMap.Of(
                ("metadata", JsonMap.Of(("annotations", JsonMap.Of(
                    (WellKnown.BindCompletedAnnotation, "yes"), (WellKnown.BoundByControllerAnnotation, "yes"))))),
                ("spec", JsonMap.Of(("volumeName", volume.Name))))));
        world.Send(new ClusterRequest.Patch(
            ResourceTypes.PersistentVolumeClaims, claim.Key, JsonMap.Of(("status", JsonMap.Of(("phase", "Bound")))), "status"));
    }
}
