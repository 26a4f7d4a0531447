using System.Collections.Immutable;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Scheduling;

/// <summary>
/// The VolumeBinding plugin's decisions (<c>plugins/volumebinding</c>): which nodes suit a Pod's claims, and what is assumed of them.
/// </summary>
internal sealed class VolumeBinder(ClusterPicture picture)
{
    private const string NodeConflict = "node(s) didn't match PersistentVolume's node affinity";
    private const string BindConflict = "node(s) didn't find available persistent volumes to bind";
    private const string NotEnoughSpace = "node(s) did not have enough free storage";
    private const string VolumeMissing = "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)";

    /// <summary>
    /// Sorts a Pod's claims. A text in <paramref name="rejection"/> says why the Pod fits no node now; <paramref name="plugin"/> says who
    /// found out.
    /// </summary>
    public PodClaims? Sort(PodNeeds pod, out string? rejection, out SchedulerPlugin plugin)
    {
        plugin = SchedulerPlugin.VolumeBinding;
        rejection = FirstProblem(pod, ref plugin);
        if (rejection is not null)
        {
            return null;
        }

        var bound = ImmutableArray.CreateBuilder<PersistentVolumeClaim>();
        var delayed = ImmutableArray.CreateBuilder<PersistentVolumeClaim>();
        foreach (var use in pod.Claims)
        {
            var claim = picture.Claims.Find(use.Key)!;
            if (IsFullyBound(claim))
            {
                bound.Add(claim);
                continue;
            }

            if (FindClass(claim)?.VolumeBindingMode != "WaitForFirstConsumer" || claim.VolumeName.Length > 0)
            {
                rejection = "pod has unbound immediate PersistentVolumeClaims";
                return null;
            }

            delayed.Add(claim);
        }

        var everywhere = bound.Count == 0 && delayed.All(IsProvisionedAlike) ? new PodVolumes([], delayed.ToImmutable()) : null;
        return new PodClaims(bound.ToImmutable(), delayed.ToImmutable(), everywhere);
    }

    /// <summary>What a node would mean for the claims, or why it cannot be (<c>FindPodVolumes</c>).</summary>
    public PodVolumes? Find(PodClaims claims, Node node, out FilterStatus? rejection)
    {
        rejection = null;
        if (claims.Everywhere is not null)
        {
            return claims.Everywhere;
        }

        foreach (var claim in claims.Bound)
        {
            var volume = picture.Volumes.Find(ObjectKey.ClusterScoped(claim.VolumeName));
            if (volume is null || !NodeSelectors.VolumeMatches(volume, node))
            {
                rejection = FilterStatus.Of(SchedulerPlugin.VolumeBinding, true, volume is null ? VolumeMissing : NodeConflict);
                return null;
            }
        }

        var bindings = ImmutableArray.CreateBuilder<StaticBinding>();
        var provisions = ImmutableArray.CreateBuilder<PersistentVolumeClaim>();
        foreach (var claim in claims.Delayed)
        {
            if (claim.SelectedNode is { } selected)
            {
                if (selected != node.Name)
                {
                    rejection = FilterStatus.Of(SchedulerPlugin.VolumeBinding, true, BindConflict);
                    return null;
                }

                provisions.Add(claim);
            }
        }

        foreach (var claim in BySize(claims.Delayed))
        {
            if (claim.SelectedNode is null)
            {
                if (FindMatch(claim, node, bindings) is { } volume)
                {
                    bindings.Add(new StaticBinding(claim, volume));
                }
                else
                {
                    provisions.Add(claim);
                }
            }
        }

        foreach (var claim in provisions)
        {
            if (WhyNotProvisioned(claim, node) is { } reason)
            {
                rejection = FilterStatus.Of(SchedulerPlugin.VolumeBinding, true, reason);
                return null;
            }
        }

        return new PodVolumes(bindings.ToImmutable(), provisions.ToImmutable());
    }

    /// <summary>
    /// Assumes that the claims will be as placing the Pod on the node makes them; all or nothing. Answers with what is to be written, or
    /// says in <paramref name="error"/> why not (<c>AssumePodVolumes</c>).
    /// </summary>
    public PodVolumes? Assume(PodVolumes volumes, string node, out string? error)
    {
        var bindings = ImmutableArray.CreateBuilder<StaticBinding>();
        var provisions = ImmutableArray.CreateBuilder<PersistentVolumeClaim>();
        foreach (var binding in volumes.Bindings)
        {
            var prebound = WithClaim(binding.Volume, binding.Claim);
            error = ReferenceEquals(prebound, binding.Volume) ? null : picture.Volumes.Assume(prebound);
            if (error is not null)
            {
                Restore(new PodVolumes(bindings.ToImmutable(), []));
                return null;
            }

            bindings.Add(binding with { Volume = prebound });
        }

        foreach (var claim in volumes.Provisions)
        {
            var selected = new PersistentVolumeClaim(
                claim.Tree.WithAt(["metadata", "annotations", WellKnown.SelectedNodeAnnotation], node));
            error = picture.Claims.Assume(selected);
            if (error is not null)
            {
                Restore(new PodVolumes(bindings.ToImmutable(), provisions.ToImmutable()));
                return null;
            }

            provisions.Add(selected);
        }

        error = null;
        return new PodVolumes(bindings.ToImmutable(), provisions.ToImmutable());
    }

    /// <summary>Forgets what was assumed of these (<c>RevertAssumedPodVolumes</c>); what was written stays written.</summary>
    public void Restore(PodVolumes volumes)
    {
        foreach (var binding in volumes.Bindings)
        {
            picture.Volumes.Restore(binding.Volume.Key);
        }

        foreach (var claim in volumes.Provisions)
        {
            picture.Claims.Restore(claim.Key);
        }
    }

    /// <summary>Whether the PV controller has finished with a claim.</summary>
    public static bool IsFullyBound(PersistentVolumeClaim claim) =>
        claim.VolumeName.Length > 0 && claim.Annotation(WellKnown.BindCompletedAnnotation) is not null;

    private string? FirstProblem(PodNeeds pod, ref SchedulerPlugin plugin)
    {
        foreach (var use in pod.Claims)
        {
            var claim = picture.Claims.Find(use.Key);
            if (claim is null)
            {
                // VolumeRestrictions looks for the claim first; of an ephemeral volume's it says nothing.
                plugin = use.IsEphemeral ? SchedulerPlugin.VolumeBinding : SchedulerPlugin.VolumeRestrictions;
                return use.IsEphemeral
                    ? $"waiting for ephemeral volume controller to create the persistentvolumeclaim \"{use.Key.Name}\""
                    : $"persistentvolumeclaim \"{use.Key.Name}\" not found";
            }

            if (claim.Phase == "Lost")
            {
                return $"persistentvolumeclaim \"{claim.Name}\" bound to non-existent persistentvolume \"{claim.VolumeName}\"";
            }

            if (claim.IsBeingDeleted)
            {
                return $"persistentvolumeclaim \"{claim.Name}\" is being deleted";
            }

            if (use.IsEphemeral && !IsOwnedBy(claim, pod.Pod))
            {
                return $"PVC {claim.Namespace}/{claim.Name} was not created for pod {pod.Pod.Namespace}/{pod.Pod.Name} (pod is not owner)";
            }
        }

        return null;
    }

    // Whether no node is better or worse for a claim than another: nothing to bind it to, and nothing to check about a new volume.
    private bool IsProvisionedAlike(PersistentVolumeClaim claim) =>
        claim.SelectedNode is null
        && FindClass(claim) is { Provisioner: not ("" or "kubernetes.io/no-provisioner") } storageClass
        && storageClass.Tree.List("allowedTopologies") is null
        && !ChecksCapacity(storageClass)
        && !picture.VolumeIndex.For(claim.Key).Any()
        && !picture.VolumeIndex.FreeOf(storageClass.Name).Any();

    private bool ChecksCapacity(StorageClass storageClass) =>
        picture.CsiDrivers.Find(ObjectKey.ClusterScoped(storageClass.Provisioner))?.Tree.At("spec", "storageCapacity")
            is JsonBoolean { Value: true };

    private static bool IsOwnedBy(PersistentVolumeClaim claim, Pod pod) =>
        (claim.Metadata.List("ownerReferences")?.Maps() ?? [])
        .Any(owner => owner.Text("uid") == pod.Uid && owner.Boolean("controller") == true);

    private StorageClass? FindClass(PersistentVolumeClaim claim) =>
        picture.StorageClasses.Find(ObjectKey.ClusterScoped(claim.StorageClassName ?? "")) as StorageClass;

    private static IEnumerable<PersistentVolumeClaim> BySize(ImmutableArray<PersistentVolumeClaim> claims) =>
        claims.Length < 2 ? claims : claims.OrderBy(claim => ResourceQuantity.Units(RequestOf(claim)));

    private static JsonTree? RequestOf(PersistentVolumeClaim claim) => claim.Tree.At("spec", "resources", "requests", "storage");

    private string? WhyNotProvisioned(PersistentVolumeClaim claim, Node node)
    {
        if (FindClass(claim) is not { } storageClass || storageClass.Provisioner is "" or "kubernetes.io/no-provisioner"
            || !NodeSelectors.TopologiesAllow(storageClass.Tree.List("allowedTopologies"), node))
        {
            return BindConflict;
        }

        return RequestOf(claim) is { } request && ChecksCapacity(storageClass)
            && !picture.Capacities.HasRoom(storageClass.Name, ResourceQuantity.Units(request), node)
            ? NotEnoughSpace
            : null;
    }

    // component-helpers/storage/volume.FindMatchingVolume: a volume that names the claim wins, else the smallest that fits.
    private PersistentVolume? FindMatch(PersistentVolumeClaim claim, Node node, ImmutableArray<StaticBinding>.Builder chosen)
    {
        foreach (var named in picture.VolumeIndex.For(claim.Key))
        {
            if ((named.ClaimUid.Length == 0 || named.ClaimUid == claim.Uid) && !named.IsBeingDeleted)
            {
                return NodeSelectors.VolumeMatches(named, node) ? named : null;
            }
        }

        PersistentVolume? smallest = null;
        var smallestSize = long.MaxValue;
        var wanted = ResourceQuantity.Units(RequestOf(claim));
        foreach (var free in picture.VolumeIndex.FreeOf(claim.StorageClassName ?? ""))
        {
            var volume = picture.Volumes.Find(free.Key);
            if (volume is null || volume.ClaimKey is not null || volume.IsBeingDeleted || chosen.Any(one => one.Volume.Name == volume.Name)
                || !Suits(volume, claim) || !NodeSelectors.VolumeMatches(volume, node))
            {
                continue;
            }

            var size = ResourceQuantity.Units(volume.Tree.At("spec", "capacity", "storage"));
            if (size >= wanted && size < smallestSize)
            {
                smallest = volume;
                smallestSize = size;
            }
        }

        return smallest;
    }

    private static bool Suits(PersistentVolume volume, PersistentVolumeClaim claim)
    {
        var modes = (volume.Tree.At("spec", "accessModes") as JsonList)?.Texts().ToArray() ?? [];
        var selector = claim.Tree.At("spec", "selector") as JsonMap;
        var volumeMode = (volume.Tree.At("spec", "volumeMode") as JsonText)?.Value ?? "Filesystem";
        return volumeMode == claim.VolumeMode
            && claim.AccessModes.All(mode => modes.Contains(mode))
            && (selector is null || NodeSelectors.LabelSelectorMatches(selector, volume.Labels));
    }

    private static PersistentVolume WithClaim(PersistentVolume volume, PersistentVolumeClaim claim) =>
        volume.ClaimUid == claim.Uid
            ? volume
            : new PersistentVolume(volume.Tree
                .WithAt(["spec", "claimRef"], JsonMap.Of(
                    ("kind", "PersistentVolumeClaim"),
                    ("apiVersion", "v1"),
                    ("namespace", claim.Namespace),
                    ("name", claim.Name),
                    ("uid", claim.Uid),
                    ("resourceVersion", claim.ResourceVersion)))
                .WithAt(["metadata", "annotations", WellKnown.BoundByControllerAnnotation], "yes"));
}
