using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Fake.Controllers.Machinery;

namespace LocalPv.Fake.Controllers.Protection;

/// <summary>
/// The model of <c>pkg/controller/volume/pvprotection</c>: a volume that is being deleted stays as long as it is Bound.
/// </summary>
public sealed class VolumeProtectionController : ControllerAgent
{
    /// <summary>The finalizer; the API server gives it to every new volume.</summary>
    public const string Finalizer = "kubernetes.io/pv-protection";

    private readonly Reflector _volumes;
    private readonly Worker<ObjectKey> _worker;

    /// <summary>A controller that has seen nothing yet.</summary>
    public VolumeProtectionController(ControllerOptions options)
        : base("pv-protection-controller", options)
    {
        _volumes = Watch(ResourceTypes.PersistentVolumes);
        _worker = Work<ObjectKey>(Sync, retry: ProtectionFinalizer.Retry);
    }

    /// <inheritdoc/>
    private protected override void OnChange(Reflector reflector, ObjectChange change)
    {
        if (change.After is PersistentVolume volume && ProtectionFinalizer.NeedsWork(volume, Finalizer))
        {
            _worker.Add(volume.Key);
        }
    }

    private IEnumerable<Awaited> Sync(ObjectKey key)
    {
        if (_volumes.Find(key) is not PersistentVolume volume || !ProtectionFinalizer.NeedsWork(volume, Finalizer)
            || (volume.IsBeingDeleted && volume.Phase == "Bound"))
        {
            yield break;
        }

        var write = ProtectionFinalizer.Write(volume, Finalizer);
        yield return write;
        if (write.Failed && write.Outcome.Kind != OutcomeKind.NotFound)
        {
            yield return TryAgain.Later;
        }
    }
}
