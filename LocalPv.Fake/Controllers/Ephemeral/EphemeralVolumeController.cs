using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Fake.Api.Store;
using LocalPv.Fake.Controllers.GarbageCollection;
using LocalPv.Fake.Controllers.Machinery;

namespace LocalPv.Fake.Controllers.Ephemeral;

/// <summary>
/// The model of <c>pkg/controller/volume/ephemeral</c>: makes the claim <c>pod-volume</c> of each generic ephemeral volume, owned by its
/// Pod, so that the garbage collector takes it away with the Pod. A claim of that name which is not the Pod's is left alone.
/// </summary>
public sealed class EphemeralVolumeController : ControllerAgent
{
    private readonly Reflector _pods;
    private readonly Reflector _claims;
    private readonly Worker<ObjectKey> _worker;

    /// <summary>A controller that has seen nothing yet.</summary>
    public EphemeralVolumeController(ControllerOptions options)
        : base("ephemeral_volume", options)
    {
        _pods = Watch(ResourceTypes.Pods);
        _claims = Watch(ResourceTypes.PersistentVolumeClaims);
        _worker = Work<ObjectKey>(Sync, parallel: 5, retry: new Backoff(TimeSpan.FromMilliseconds(5), TimeSpan.FromSeconds(1000)));
    }

    /// <summary>Whether a change says anything to it: of a claim it goes by who owns it, and whether it is there.</summary>
    public static bool LearnsFrom(Change change) =>
        change.Object is PersistentVolumeClaim ? GarbageCollector.LearnsFrom(change) : PodConditions.IsNewsToControllers(change);

    /// <inheritdoc/>
    private protected override void OnChange(Reflector reflector, ObjectChange change)
    {
        if (reflector == _pods && change.Before is null && change.After is Pod pod)
        {
            if (!pod.IsBeingDeleted && EphemeralVolumes.Of(pod).Any())
            {
                _worker.Add(pod.Key);
            }
        }
        else if (reflector == _claims && change.After is null
            && OwnerReference.ControllerOf(change.Before!) is { Kind: "Pod" } owner)
        {
            // A claim that vanishes under its Pod is made again.
            _worker.Add(new ObjectKey(change.Before!.Namespace, owner.Name));
        }
    }

    private IEnumerable<Awaited> Sync(ObjectKey key)
    {
        if (_pods.Find(key) is not Pod { IsBeingDeleted: false } pod)
        {
            yield break;
        }

        foreach (var (name, template) in EphemeralVolumes.Of(pod))
        {
            var claimKey = new ObjectKey(pod.Namespace, name);
            if (_claims.Find(claimKey) is { } known)
            {
                if (OwnerReference.ControllerOf(known)?.Uid != pod.Uid)
                {
                    Events.Warning(pod, "FailedBinding", $"ephemeral volume: PVC {name} was not created for the pod");
                    yield return TryAgain.Later;
                }

                continue;
            }

            var create = new ClusterCall(new ClusterRequest.Create(
                ResourceTypes.PersistentVolumeClaims, pod.Namespace, ClaimFor(pod, name, template)));
            yield return create;
            if (create.Failed)
            {
                if (create.Outcome.Kind != OutcomeKind.AlreadyExists)
                {
                    Events.Warning(pod, "FailedBinding", $"ephemeral volume: create PVC {name}: {create.Outcome.Message}");
                }

                yield return TryAgain.Later;
            }
        }
    }

    private static JsonMap ClaimFor(Pod pod, string name, JsonMap template) => JsonMap.Of(
        ("apiVersion", "v1"),
        ("kind", "PersistentVolumeClaim"),
        ("metadata", JsonMap.Of(
            ("name", name),
            ("namespace", pod.Namespace),
            ("labels", template.Map("metadata")?["labels"]),
            ("annotations", template.Map("metadata")?["annotations"]),
            ("ownerReferences", JsonList.Of(OwnerReference.To(pod, isController: true))))),
        ("spec", template["spec"]));
}
