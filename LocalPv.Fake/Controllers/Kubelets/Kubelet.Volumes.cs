using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Controllers.Machinery;

namespace LocalPv.Fake.Controllers.Kubelets;

/// <content>The volumes of a Pod. A kubelet watches neither claims nor volumes: it reads them when it needs them.</content>
public sealed partial class Kubelet
{
    private IEnumerable<Awaited> Resolve(RunningPod pod, string claimName, Found found)
    {
        var key = new ObjectKey(pod.Object.Namespace, claimName);
        var readClaim = new ClusterCall(new ClusterRequest.Get(ResourceTypes.PersistentVolumeClaims, key));
        yield return readClaim;
        if (readClaim.Object is not PersistentVolumeClaim claim)
        {
            found.Problem = $"error processing PVC {key}: {readClaim.Outcome.Message}";
            yield break;
        }

        found.Claim = claim;
        if (claim.VolumeName.Length == 0 || claim.Phase != "Bound" || (claim.IsBeingDeleted && !pod.HasStarted))
        {
            found.Problem = $"error processing PVC {key}: PVC is {(claim.IsBeingDeleted ? "being deleted" : "not bound")}";
            yield break;
        }

        var readVolume = new ClusterCall(new ClusterRequest.Get(
            ResourceTypes.PersistentVolumes, ObjectKey.ClusterScoped(claim.VolumeName)));
        yield return readVolume;
        if (readVolume.Object is not PersistentVolume volume)
        {
            found.Problem = $"error processing PVC {key}: failed to fetch PV \"{claim.VolumeName}\": {readVolume.Outcome.Message}";
        }
        else if (volume.ClaimUid != claim.Uid)
        {
            found.Problem = $"error processing PVC {key}: PV \"{volume.Name}\" is bound to the claim with uid \"{volume.ClaimUid}\"";
        }
        else if (!NodeAffinity.Allows(volume, (_nodeObject.Find(_nodeKey) as Node)?.Labels ?? _report.Labels))
        {
            found.Problem = $"MountVolume.NodeAffinity check failed for volume \"{volume.Name}\" : no matching NodeSelectorTerms";
        }
        else
        {
            found.Volume = volume;
        }
    }

    private IEnumerable<Awaited> Mount(RunningPod pod, Found found)
    {
        if (!_options.MountsDevices || found.Volume?.LocalPath is not { } path)
        {
            yield break;
        }

        var mount = new EffectCall(call => new MountDevice(call, path, pod.Object.Uid));
        yield return mount;
        var outcome = ((DeviceAnswered)mount.Answer!).Outcome;
        if (!outcome.IsDone)
        {
            found.Problem = $"MountVolume.SetUp failed for volume \"{found.Volume.Name}\" : {outcome.Message}";
        }
    }

    // NodeExpandVolume: the volume is larger than the claim says the file system is.
    private IEnumerable<Awaited> GrowWhereAsked(RunningPod pod, Found found)
    {
        var (claim, volume) = (found.Claim!, found.Volume!);
        var present = claim.Tree.At("status", "capacity", "storage") is JsonText text ? text.Value : null;
        if (volume.Capacity is null || SizeOf(present) >= SizeOf(volume.Capacity))
        {
            yield break;
        }

        if (_options.MountsDevices && volume.LocalPath is { } path)
        {
            var grow = new EffectCall(call => new GrowFileSystem(call, path, pod.Object.Uid));
            yield return grow;
            if (!((DeviceAnswered)grow.Answer!).Outcome.IsDone)
            {
                Events.Warning(pod.Object, "VolumeResizeFailed", ((DeviceAnswered)grow.Answer!).Outcome.Message);
                yield break;
            }
        }

        var conditions = (claim.Tree.At("status", "conditions") as JsonList)?.Maps().Where(condition => condition.Text("type")
            is not ("Resizing" or "FileSystemResizePending" or "ControllerResizeError" or "NodeResizeError"));
        var status = JsonMap.Of(
            ("capacity", JsonMap.Of(("storage", volume.Capacity))),
            ("conditions", conditions is null ? null : new JsonList([.. conditions])));
        var write = new ClusterCall(new ClusterRequest.Patch(
            ResourceTypes.PersistentVolumeClaims,
            claim.Key,
            JsonMap.Of(
                ("metadata", JsonMap.Of(("uid", claim.Uid), ("resourceVersion", claim.ResourceVersion))),
                ("status", status)),
            "status"));
        yield return write;
        if (write.Succeeded)
        {
            Events.Normal(
                pod.Object,
                "FileSystemResizeSuccessful",
                $"MountVolume.NodeExpandVolume succeeded for volume \"{volume.Name}\" {_options.NodeName}");
        }
    }

    private static Bytes SizeOf(string? quantity) =>
        quantity is not null && Quantity.TryParse(quantity, out var bytes, out _) ? bytes : Bytes.Zero;

    private sealed class Found
    {
        public PersistentVolumeClaim? Claim { get; set; }

        public PersistentVolume? Volume { get; set; }

        public string? Problem { get; set; }
    }
}
