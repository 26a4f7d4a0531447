using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Provisioning;

namespace LocalPv.Core.Agents;

/// <summary>
/// Gives back to the scheduler the claims whose selected node cannot answer for itself: it is gone, was declared lost, or the class has
/// nothing there. Only after a grace, after live reads, and never where the node has reported the claim's logical volume, unless what the
/// node holds was declared lost.
/// </summary>
internal sealed class ClaimRescue(
    Calls calls, ClusterAgentOptions options, ClusterWatches watches, EventRecorder events, GuardedWrites writes)
{
    internal long GivenBack { get; private set; }

    internal void Review(AbsenceClock clock)
    {
        foreach (var item in watches.Claims.Objects.Values)
        {
            var claim = (PersistentVolumeClaim)item;
            if (IsWaiting(claim) && WhyNever(claim) is { } why
                && clock.Lasting($"claim {claim.Uid} {claim.SelectedNode} {why.Reason}", calls.Now) >= options.NodeGoneGrace
                && writes.IsReady(claim))
            {
                Release(claim, why);
            }
        }
    }

    private bool IsWaiting(PersistentVolumeClaim claim) =>
        claim is { IsBeingDeleted: false, VolumeName: "", SelectedNode.Length: > 0 } && claim.Provisioner == options.Provisioner;

    private Unserved? WhyNever(PersistentVolumeClaim claim)
    {
        var name = claim.SelectedNode!;
        if (watches.Node(name) is { IsDeclaredLost: true })
        {
            return new Unserved("NodeLost", $"The node {name} was declared lost.", true);
        }

        if (WasMadeOn(name, claim.Uid) || !NodeName.TryParse(name, out var node))
        {
            return null;
        }

        if (watches.Node(name) is not { } known)
        {
            return new Unserved("NodeGone", $"The node {name} does not exist any more.", true);
        }

        return StorageClassName.TryParse(claim.StorageClassName, out var storageClass) && IsLeftOut(known, storageClass)
            && watches.Storages.Find(ObjectKey.ClusterScoped(NodeLocalStorageName.Of(storageClass, node))) is null
            ? new Unserved("NodeNotInClass", $"StorageClass {storageClass} has no disks on node {name}.", true)
            : null;
    }

    private bool IsLeftOut(Node node, StorageClassName storageClass) =>
        watches.Classes.Find(ObjectKey.ClusterScoped(storageClass.Value)) is StorageClass found
        && StorageParameters.TryRead(found, out var parameters, out _) && !parameters.AppliesTo(node);

    // What the node last said of itself. A volume that it has made is its agent's, or an administrator's who declares the node lost.
    private bool WasMadeOn(string node, string uid)
    {
        foreach (var item in watches.Storages.Objects.Values)
        {
            var storage = (NodeLocalStorage)item;
            if (storage.NodeName == node && Shows(storage, uid))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Shows(NodeLocalStorage storage, string uid) =>
        !storage.IsDeclaredLost && storage.Report.Volumes.Any(volume => volume.Claim.Value == uid);

    private void Release(PersistentVolumeClaim claim, Unserved why)
    {
        var node = claim.SelectedNode!;
        ClusterRequest.Get[] reads =
        [
            new(ResourceTypes.Nodes, ObjectKey.ClusterScoped(node)),
            new(ResourceTypes.PersistentVolumes, ObjectKey.ClusterScoped("pvc-" + claim.Uid)),
            new(ResourceTypes.PersistentVolumeClaims, claim.Key),
            .. NodeName.TryParse(node, out var name) && StorageClassName.TryParse(claim.StorageClassName, out var storageClass)
                ? [new(ResourceTypes.NodeLocalStorages, ObjectKey.ClusterScoped(NodeLocalStorageName.Of(storageClass, name)))]
                : Array.Empty<ClusterRequest.Get>(),
        ];
        writes.Begin(claim, reads, found => Patch(claim, node, why, found), outcome =>
        {
            if (outcome.TryGetValue(out var answer))
            {
                GivenBack++;
                watches.Learn(watches.Claims, answer.Object);
                events.Warning(claim, "ProvisioningFailed", $"{why.Message} The claim goes back to the scheduler ({why.Reason}).");
            }
        });
    }

    private ClusterRequest.Patch? Patch(PersistentVolumeClaim claim, string node, Unserved why, KubernetesObject?[] found)
    {
        // The watches may be behind: a node that the class means again, or that is back, may be making the volume by now.
        var storage = found.ElementAtOrDefault(3) as NodeLocalStorage;
        var isStillSo = why.Reason switch
        {
            "NodeGone" => found[0] is null && (storage is null || !Shows(storage, claim.Uid)),
            "NodeLost" => found[0] is { IsDeclaredLost: true },
            _ => storage is null && found[0] is Node there && StorageClassName.TryParse(claim.StorageClassName, out var storageClass)
                && IsLeftOut(there, storageClass),
        };
        if (!isStillSo || found[1] is not null || found[2] is not PersistentVolumeClaim current || current.Uid != claim.Uid
            || !IsWaiting(current) || current.SelectedNode != node || !NodeName.TryParse(node, out var name))
        {
            return null;
        }

        var failed = FailedOn.Read(current.Annotation(WellKnown.FailedOnAnnotation)).With(name, why.Reason, why.Message, calls.Now);
        return new ClusterRequest.Patch(current.Type, current.Key, GuardedWrites.Guarded(current, ("annotations", JsonMap.Of(
            (WellKnown.SelectedNodeAnnotation, JsonNull.Instance),
            (WellKnown.FailedOnAnnotation, failed.ToString())))));
    }
}
