using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Fake.Controllers.Machinery;
using LocalPv.Fake.Controllers.PersistentVolumes;

namespace LocalPv.Fake.Controllers.Protection;

/// <summary>
/// The model of <c>pkg/controller/volume/pvcprotection</c>: a claim that is being deleted stays as long as a Pod that has a node uses it.
/// Its own copy of the Pods can only say that it is used: that it is not used is believed of a list from the API server alone. The claims
/// of a namespace that wait at one time share that list.
/// </summary>
public sealed class ClaimProtectionController : ControllerAgent
{
    /// <summary>The finalizer; the API server gives it to every new claim.</summary>
    public const string Finalizer = "kubernetes.io/pvc-protection";

    private readonly Reflector _claims;
    private readonly Reflector _pods;
    private readonly PodsByClaim _podsByClaim = new();
    private readonly Dictionary<string, SortedSet<ObjectKey>> _waiting = [];
    private readonly Worker<string> _namespaces;
    private readonly Worker<ObjectKey> _retries;

    /// <summary>A controller that has seen nothing yet.</summary>
    public ClaimProtectionController(ControllerOptions options)
        : base("pvc-protection-controller", options)
    {
        _claims = Watch(ResourceTypes.PersistentVolumeClaims);
        _pods = Watch(ResourceTypes.Pods);
        _retries = Work<ObjectKey>(Enqueue, retry: ProtectionFinalizer.Retry);
        _namespaces = Work<string>(Sync);
    }

    /// <inheritdoc/>
    private protected override void OnChange(Reflector reflector, ObjectChange change)
    {
        if (reflector == _pods)
        {
            _podsByClaim.Note(change);
            OnPod(change);
        }
        else if (change.After is PersistentVolumeClaim claim && ProtectionFinalizer.NeedsWork(claim, Finalizer))
        {
            Add(claim.Key);
        }
    }

    // A Pod that is gone, has ended or is another one of the same name may have been the last that used a claim.
    private void OnPod(ObjectChange change)
    {
        if (change.Before is Pod before && before.NodeName.Length > 0 && (change.After is null || IsDone((Pod)change.After)))
        {
            foreach (var name in before.ClaimNames)
            {
                Add(new ObjectKey(before.Namespace, name));
            }
        }
    }

    private static bool IsDone(Pod pod) => pod.HasEnded() || IsShutDown(pod);

    private void Add(ObjectKey claim)
    {
        if (!_waiting.TryGetValue(claim.Namespace, out var waiting))
        {
            _waiting.Add(claim.Namespace, waiting = []);
        }

        waiting.Add(claim);
        _namespaces.Add(claim.Namespace);
    }

    private IEnumerable<Awaited> Enqueue(ObjectKey claim)
    {
        Add(claim);
        return [];
    }

    private IEnumerable<Awaited> Sync(string inNamespace)
    {
        if (!_waiting.Remove(inNamespace, out var waiting))
        {
            yield break;
        }

        HashSet<string>? used = null;
        foreach (var key in waiting)
        {
            if (_claims.Find(key) is not PersistentVolumeClaim claim || !ProtectionFinalizer.NeedsWork(claim, Finalizer)
                || (claim.IsBeingDeleted && _podsByClaim.Of(key).Any(pod => Uses(pod, claim.Name))))
            {
                continue;
            }

            if (claim.IsBeingDeleted && used is null)
            {
                used = [];
                foreach (var step in ListUsed(inNamespace, used, waiting))
                {
                    yield return step;
                }
            }

            if (claim.IsBeingDeleted && used!.Contains(claim.Name))
            {
                continue;
            }

            var write = ProtectionFinalizer.Write(claim, Finalizer);
            yield return write;
            if (write.Failed && write.Outcome.Kind != OutcomeKind.NotFound)
            {
                _retries.AddAt(key, Now + TimeSpan.FromMilliseconds(50));
            }
        }
    }

    private IEnumerable<Awaited> ListUsed(string inNamespace, HashSet<string> used, SortedSet<ObjectKey> waiting)
    {
        var list = new ClusterCall(new ClusterRequest.List(ResourceTypes.Pods, new ObjectSelector(inNamespace)));
        yield return list;
        if (!list.Outcome.TryGetValue(out var answer))
        {
            foreach (var key in waiting)
            {
                _retries.AddAt(key, Now + TimeSpan.FromSeconds(1));
            }

            yield return TryAgain.Later;
            yield break;
        }

        // A namespace may have many Pods, and nearly all use other claims.
        var asked = waiting.Select(key => key.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var item in answer.Items)
        {
            var pod = (Pod)item;
            foreach (var name in pod.ClaimNames)
            {
                if (asked.Contains(name) && Uses(pod, name))
                {
                    used.Add(name);
                }
            }
        }
    }

    // A Pod without node cannot start any more with a claim that is being deleted, so it does not hold it.
    private static bool Uses(Pod pod, string claimName) => pod.NodeName.Length > 0
        && (!IsShutDown(pod) || !IsEphemeral(pod, claimName));

    private static bool IsEphemeral(Pod pod, string claimName) => EphemeralVolumes.Of(pod).Any(volume => volume.ClaimName == claimName);

    // The kubelet is done with it, or it was deleted by force.
    private static bool IsShutDown(Pod pod) => pod.IsBeingDeleted && pod.Metadata.Number("deletionGracePeriodSeconds") == 0;
}
