using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Controllers.Machinery;

namespace LocalPv.Fake.Controllers.PersistentVolumes;

/// <summary>
/// The model of <c>pkg/controller/volume/persistentvolume</c>: binds claims and volumes to each other, asks external provisioners for
/// volumes, and releases volumes whose claims are gone. It has one worker for claims and one for volumes; a failed sync is not repeated
/// but left to the next change or resync, and every write carries the version it was decided on.
/// </summary>
/// <remarks>
/// Upstream also does, and this does not: in-tree and migrated plugins (nothing but external provisioners provisions or deletes), the
/// policy Recycle, volume attributes classes, metrics.
/// </remarks>
public sealed partial class PersistentVolumeController : ControllerAgent
{
    private readonly PersistentVolumeControllerOptions _options;
    private readonly Reflector _claims;
    private readonly Reflector _volumes;
    private readonly Reflector _classes;
    private readonly Reflector _pods;
    private readonly VolumeIndex _index = new();
    private readonly PodsByClaim _podsByClaim = new();
    private readonly Worker<ObjectKey> _claimWorker;
    private readonly Worker<ObjectKey> _volumeWorker;
    private readonly Worker<Operation> _operations;
    private readonly Dictionary<Operation, (Instant NotBefore, int Failures)> _operationWaits = [];

    /// <summary>A controller that has seen nothing yet.</summary>
    public PersistentVolumeController(PersistentVolumeControllerOptions options)
        : base("persistentvolume-controller", options)
    {
        _options = options;
        _volumes = Watch(ResourceTypes.PersistentVolumes);
        _claims = Watch(ResourceTypes.PersistentVolumeClaims);
        _classes = Watch(ResourceTypes.StorageClasses);
        _pods = Watch(ResourceTypes.Pods);
        _volumeWorker = Work<ObjectKey>(SyncVolume);
        _claimWorker = Work<ObjectKey>(SyncClaim);
        _operations = Work<Operation>(Operate, parallel: int.MaxValue);
        Every(options.ResyncPeriod);
    }

    private enum OperationKind
    {
        Provision,
        Delete,
    }

    // What upstream runs aside from its workers, at most once at a time per object.
    private readonly record struct Operation(OperationKind Kind, ObjectKey Key, string Uid);

    /// <inheritdoc/>
    private protected override void OnChange(Reflector reflector, ObjectChange change)
    {
        if (reflector == _pods)
        {
            _podsByClaim.Note(change);
        }
        else if (reflector == _volumes)
        {
            _index.Note(change);
            OnVolume(change);
        }
        else if (reflector == _claims)
        {
            OnClaim(change);
        }
    }

    /// <inheritdoc/>
    private protected override void OnPeriod()
    {
        foreach (var claim in _claims.Objects.Values)
        {
            _claimWorker.Add(claim.Key);
        }

        foreach (var volume in _volumes.Objects.Values)
        {
            _volumeWorker.Add(volume.Key);
        }
    }

    private void OnVolume(ObjectChange change)
    {
        if (change.After is not null)
        {
            _volumeWorker.Add(change.After.Key);
        }
        else if (((PersistentVolume)change.Before!).ClaimKey is { } claim)
        {
            // The claim has to learn that it is Lost.
            _claimWorker.Add(claim);
        }
    }

    private void OnClaim(ObjectChange change)
    {
        if (change.After is not null)
        {
            _claimWorker.Add(change.After.Key);
        }
        else if (((PersistentVolumeClaim)change.Before!).VolumeName is { Length: > 0 } volume)
        {
            // Without this the volume would wait for the resync until it is Released.
            _volumeWorker.Add(ObjectKey.ClusterScoped(volume));
        }
    }

    // Begins an operation, unless it runs or has failed a short while ago: then a later sync begins it.
    private void Begin(Operation operation)
    {
        if (!_operations.IsRunning(operation)
            && !(_operationWaits.TryGetValue(operation, out var wait) && Now < wait.NotBefore))
        {
            _operations.Add(operation);
        }
    }

    private IEnumerable<Awaited> Operate(Operation operation)
    {
        var done = new Saved<KubernetesObject>(null!);
        var steps = operation.Kind == OperationKind.Provision ? Provision(operation, done) : Delete(operation, done);
        foreach (var step in steps)
        {
            yield return step;
        }

        if (done.Failed)
        {
            var failures = _operationWaits.GetValueOrDefault(operation).Failures + 1;
            _operationWaits[operation] = (Now + _options.OperationBackoff.After(failures, Spread), failures);
        }
        else
        {
            _operationWaits.Remove(operation);
        }
    }

    // Writes a whole object with the version it was read at, and goes on with what the server made of it.
    private IEnumerable<Awaited> Save<T>(Saved<T> saved, Reflector reflector, JsonMap tree, string subresource = "")
        where T : KubernetesObject
    {
        var write = new ClusterCall(new ClusterRequest.Replace(saved.Value.Type, saved.Value.Key, tree, subresource));
        yield return write;
        if (write.Object is T written)
        {
            saved.Value = written;
            Learn(reflector, written);
        }
        else
        {
            saved.Failed = true;
        }
    }

    // An object that is written several times, one version after another; once failed, the rest is left to a later sync.
    private sealed class Saved<T>(T value)
    {
        public T Value { get; set; } = value;

        public bool Failed { get; set; }
    }
}
