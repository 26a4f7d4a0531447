using System.Collections.Immutable;
using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Provisioning;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Agents;

/// <summary>
/// Looks after the classes of one node: makes a NodeLocalStorage for each class that applies, and for each NodeLocalStorage builds the
/// volume group, reports it, publishes its capacity, and takes it down.
/// </summary>
internal sealed partial class ClassKeeper
{
    private readonly Calls _calls;
    private readonly NodeAgentOptions _options;
    private readonly NodeWatches _watches;
    private readonly StorageView _storage;
    private readonly EventRecorder _events;
    private readonly StatusPublisher _status;
    private readonly CapacityPublisher _capacity;
    private readonly SortedDictionary<string, StorageEntry> _entries = new(StringComparer.Ordinal);
    private bool _dirty = true;
    private Instant _due = Instant.Never;

    internal ClassKeeper(Calls calls, NodeAgentOptions options, NodeWatches watches, StorageView storage, EventRecorder events)
    {
        _calls = calls;
        _options = options;
        _watches = watches;
        _storage = storage;
        _events = events;
        _status = new StatusPublisher(calls, options, watches, storage, MarkDirty);
        _capacity = new CapacityPublisher(calls, options, watches, storage, MarkDirty);
    }

    /// <summary>The names of the logical volumes in a group that nobody asks for.</summary>
    internal Func<VolumeGroupName, ImmutableArray<string>> Orphans
    {
        get => _status.Orphans;
        set => _status.Orphans = value;
    }

    /// <summary>Whether a volume that is looked after lies in a group, or may.</summary>
    internal Func<VolumeGroupName, bool> IsInUse { get; set; } = _ => false;

    /// <summary>The volume groups of the node's NodeLocalStorage objects; one that several share comes several times.</summary>
    internal IEnumerable<VolumeGroupName> Groups => _entries.Values.Where(entry => entry.Spec is not null)
        .Select(entry => entry.Spec!.VolumeGroup.Name);

    internal Instant Deadline => !_watches.IsSynced ? Instant.Never : _dirty ? _calls.Now : _due;

    internal void MarkDirty() => _dirty = true;

    /// <summary>A volume came or went: that matters only to a group that is to be taken down and must not be in use.</summary>
    internal void OnVolume() => _dirty |= _entries.Values.Any(entry => entry.Object is { IsBeingDeleted: true });

    /// <summary>
    /// A claim was given back: what this node offers to its class is less for a while. Not where it was for the claim's own name: then the
    /// node can serve all others.
    /// </summary>
    internal void OnGivenBack(PersistentVolumeClaim claim, FailedOn failed)
    {
        if (StorageClassName.TryParse(claim.StorageClassName, out var name)
            && _entries.TryGetValue(NodeLocalStorageName.Of(name, _options.Node), out var entry)
            && failed.On(_options.Node) is { Reason: not "NameTaken" })
        {
            entry.Failed.Add(ClaimWish.Read(claim).Size, failed.KeptAwayUntil(_options.Node));
            MarkDirty();
        }
    }

    internal void Work()
    {
        if ((!_dirty && _calls.Now < _due) || !_watches.IsSynced)
        {
            return;
        }

        _dirty = false;
        _due = Instant.Never;
        if (_watches.Node is { IsBeingDeleted: false } node)
        {
            foreach (var item in _watches.Classes.Objects.Values)
            {
                EnsureStorage((StorageClass)item, node);
            }
        }

        foreach (var item in _watches.Storages.Objects.Values)
        {
            Serve(EntryOf(item.Name), (NodeLocalStorage)item);
        }

        DropOld();
        foreach (var entry in _entries.Values)
        {
            _due = Instant.Min(_due, entry.Deadline(_calls.Now));
        }
    }

    private void EnsureStorage(StorageClass storageClass, Node node)
    {
        // Said to be lost, the node's objects are removed by the controller: made anew, each would be removed again.
        if (storageClass.IsBeingDeleted || node.IsDeclaredLost
            || StorageParameters.Read(storageClass) is not { Parameters: { } parameters } || !parameters.AppliesTo(node)
            || !StorageClassName.TryParse(storageClass.Name, out var name))
        {
            return;
        }

        var key = ObjectKey.ClusterScoped(NodeLocalStorageName.Of(name, _options.Node));
        var entry = EntryOf(key.Name);
        if (_watches.Storages.Find(key) is not null || !entry.Create.IsReady(_calls.Now))
        {
            return;
        }

        entry.Create.Begin();
        var body = StorageObject.For(storageClass, key.Name, NodeLocalStorageSpec.For(name, parameters, node), node);
        _calls.Cluster(new ClusterRequest.Create(ResourceTypes.NodeLocalStorages, "", body), _options.ApiTimeout, outcome =>
        {
            // Where it exists already, or may exist, the watch brings it; until then it is not asked for again at once.
            entry.Create.Fail(_calls.Now, _options.Backoff, _options.Spread, outcome.RetryAfter);
            if (outcome.Kind is OutcomeKind.Rejected or OutcomeKind.Refused)
            {
                _events.Warning(storageClass, "StorageRefused", $"NodeLocalStorage {key.Name}: {outcome.Message}");
            }

            MarkDirty();
        });
    }

    private void Serve(StorageEntry entry, NodeLocalStorage storage)
    {
        entry.Take(storage);
        if (_storage.LastScan is not { } scan)
        {
            return;
        }

        if (entry.Spec is { } spec)
        {
            var group = spec.VolumeGroup.Name;
            if (_storage.IsOutdated(group) && !entry.GroupRemoved)
            {
                return;
            }

            var machine = _watches.Node?.Machine ?? "";
            var beside = Beside(storage, group, machine);
            var hasOwnVolumes = beside is null && !Remembers(storage, group, machine) && HasOwnVolumes(scan, group);
            entry.PlanFor(spec, scan, storage, machine, beside, hasOwnVolumes);
            if (storage.IsBeingDeleted)
            {
                TakeDown(entry, storage, spec);
            }
            else
            {
                Build(entry, storage);
            }
        }
        else if (storage.IsBeingDeleted)
        {
            Finish(entry, storage);
        }

        _status.Publish(entry, storage);
        _capacity.Publish(entry, storage);
    }

    // Classes may share a group. Where one of them remembers it, the others do not make another of that name while it is away.
    private NodeLocalStorage? Beside(NodeLocalStorage storage, VolumeGroupName group, string machine) =>
        Remembers(storage, group, machine) ? null : _watches.Storages.Objects.Values.OfType<NodeLocalStorage>().FirstOrDefault(
            other => other.Name != storage.Name && Remembers(other, group, machine));

    private bool HasOwnVolumes(NodeScan scan, VolumeGroupName group) => scan.Group(group) is { } seen && seen.LogicalVolumes.Any(
        volume => volume.Claim is { } uid && _watches.Volumes.Find(ObjectKey.ClusterScoped(VolumeMachine.NameOf(uid))) is not null);

    private static bool Remembers(NodeLocalStorage storage, VolumeGroupName group, string machine) =>
        storage.Wish.TryGetValue(out var wish) && wish.VolumeGroup.Name == group
        && storage.Report.On(machine).VolumeGroup?.Name == group;

    private void Build(StorageEntry entry, NodeLocalStorage storage)
    {
        if (!storage.HasFinalizer(WellKnown.VolumeGroupFinalizer))
        {
            Hold(entry, storage);
            return;
        }

        if (entry is { Plan.Request: null } && entry.ScanAfter < _storage.Number)
        {
            // A scan shows that all is done, also what nobody answered for.
            entry.ChangeError = "";
        }

        if (entry.Plan?.Request is not { VolumeGroup: { } group } request || !IsSeenSinceChanged(group)
            || !entry.Change.IsReady(_calls.Now) || _storage.StateOf(group) != GroupState.Ready || IsTaken(entry, request)
            || (request is NodeStorageRequest.CreateVolumeGroup && MayCome(entry, storage, group)))
        {
            return;
        }

        Send(entry, group, request, outcome =>
        {
            if (outcome.IsDone)
            {
                _events.Normal(storage, "VolumeGroupBuilt", $"{request.GetType().Name}: the volume group {group} is ready.");
            }
            else
            {
                _events.Warning(storage, "VolumeGroupFailed", $"{request.GetType().Name} {group}: {outcome.Message}");
            }
        });
    }

    // Classes may share a group, and what one of them has changed in it the others do not plan by an older scan.
    private bool IsSeenSinceChanged(VolumeGroupName group) => _entries.Values.All(
        other => other.ScanAfter < _storage.Number || other.Spec?.VolumeGroup.Name != group);

    // Where nothing remembers the group (the node was away for long, or the object came back from a backup), PersistentVolumes may still
    // say that it was here. Its disks may be late after a boot: two groups of one name are of no use. Not where another machine has come,
    // which took its disks along.
    private bool MayCome(StorageEntry entry, NodeLocalStorage storage, VolumeGroupName group)
    {
        if (_watches.Node is not { } node || (storage.Report.Machine.Length > 0 && storage.Report.Machine != node.Machine)
            || !_watches.Volumes.Objects.Values.OfType<PersistentVolume>().Any(
                volume => volume.HostName == node.HostName && VolumePlace.Of(volume)?.Group == group))
        {
            return false;
        }

        entry.Recheck = (_storage.MissingSince(group) ?? _calls.Now) + _options.NewDiskGrace;
        return _calls.Now < entry.Recheck;
    }

    // Rules of two classes may mean the same disk. Until a scan shows what became of it in the hands of the one, the other leaves it: a
    // class that may wipe signatures would else wipe those of the group that was just made.
    private bool IsTaken(StorageEntry entry, NodeStorageRequest request) => _entries.Values.Any(other =>
        other != entry && (other.Change.InFlight || other.ScanAfter >= _storage.Number)
        && DisksOf(other.Sent).Any(disk => DisksOf(request).Contains(disk)));

    private static IEnumerable<DevicePath> DisksOf(NodeStorageRequest? request) => request switch
    {
        NodeStorageRequest.CreateVolumeGroup create => create.Disks.Select(disk => disk.Path),
        NodeStorageRequest.ExtendVolumeGroup extend => extend.Disks.Select(disk => disk.Path),
        _ => [],
    };

    private void Send(StorageEntry entry, VolumeGroupName group, NodeStorageRequest request, Action<Outcome<NodeStorageAnswer>> tell)
    {
        entry.Change.Begin();
        entry.Sent = request;
        _storage.Change(group, request, _options.MutationTimeout, outcome =>
        {
            entry.ScanAfter = _storage.LastUnclear;
            if (outcome.Kind is OutcomeKind.Done or OutcomeKind.NotFound)
            {
                entry.Change.Succeed();
            }
            else
            {
                entry.Change.Fail(_calls.Now, _options.Backoff, _options.Spread, outcome.RetryAfter);
            }

            entry.ChangeError = outcome.IsDone ? "" : outcome.Message;
            tell(outcome);
            MarkDirty();
        });
    }

    private void DropOld()
    {
        List<string> old = [];
        foreach (var (name, entry) in _entries)
        {
            if (entry.Object is not null && _watches.Storages.Find(ObjectKey.ClusterScoped(name)) is null)
            {
                old.Add(name);
            }
        }

        foreach (var name in old)
        {
            _entries.Remove(name);
            MarkDirty();
        }
    }

    private StorageEntry EntryOf(string name)
    {
        if (!_entries.TryGetValue(name, out var entry))
        {
            _entries.Add(name, entry = new StorageEntry());
        }

        return entry;
    }
}
