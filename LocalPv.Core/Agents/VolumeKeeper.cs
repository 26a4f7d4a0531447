using System.Collections.Immutable;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Provisioning;
using LocalPv.Core.Units;

namespace LocalPv.Core.Agents;

/// <summary>
/// Looks after the volumes of one node: gathers what is known about each, asks <see cref="VolumeMachine"/> for the next step, and has it
/// carried out. Only volumes about which something has changed, or whose time has come, are looked at.
/// </summary>
internal sealed partial class VolumeKeeper
{
    private readonly Calls _calls;
    private readonly NodeAgentOptions _options;
    private readonly NodeWatches _watches;
    private readonly StorageView _storage;
    private readonly ClassKeeper _classes;
    private readonly EventRecorder _events;
    private readonly VolumeSteps _steps;
    private readonly SortedDictionary<ClaimUid, VolumeWork> _works = [];
    private readonly SortedSet<ClaimUid> _dirty = [];
    private readonly SortedSet<(Instant Due, ClaimUid Uid)> _timers = [];
    private readonly SortedDictionary<VolumeGroupName, List<ClaimUid>> _awaiting = [];
    private Instant _mayBeBegunUntil = Instant.Epoch;

    internal VolumeKeeper(
        Calls calls, NodeAgentOptions options, NodeWatches watches, StorageView storage, ClassKeeper classes, EventRecorder events)
    {
        _calls = calls;
        _options = options;
        _watches = watches;
        _storage = storage;
        _classes = classes;
        _events = events;
        _steps = new VolumeSteps(calls, options, watches, storage, events, MarkDirty)
        {
            OrphanLeft = TellOfOrphanLeft,
            WasGivenBack = classes.OnGivenBack,
        };
    }

    internal int Count => _works.Count;

    /// <summary>All that is looked after, by claim.</summary>
    internal IEnumerable<VolumeWork> Works => _works.Values;

    internal int InFlight => _works.Values.Count(work => work.InFlight);

    internal long Provisioned => _steps.Provisioned;

    internal long GivenBack => _steps.GivenBack;

    internal long Removed => _steps.Removed;

    /// <summary>Those of the removed volumes that nobody had asked for.</summary>
    internal long OrphansRemoved { get; private set; }

    internal Instant Deadline => _dirty.Count > 0 && IsReady ? _calls.Now : _timers.Count > 0 ? _timers.Min.Due : Instant.Never;

    private bool IsReady => _watches.IsSynced && _storage.Number > 0;

    internal void OnStarted() => _mayBeBegunUntil = _calls.Now + _options.MissingGroupGrace;

    internal void OnClaim(ObjectChange change)
    {
        if (!ClaimUid.TryParse(change.Object.Uid, out var uid))
        {
            return;
        }

        var work = WorkOf(uid);
        work.Claim = change.After as PersistentVolumeClaim;
        work.ClaimGone = change.After is null ? change.Object : null;
        var className = (change.Before as PersistentVolumeClaim)?.StorageClassName;
        work.OwesReport = work.ClaimGone is not null && !_classes.IsReported(className, uid) ? className : null;
        work.IsGivenBack &= work.Claim is null;
        ForgetReads(work, change);
        MarkDirty(uid);
    }

    internal void OnVolume(ObjectChange change)
    {
        var volume = (PersistentVolume)change.Object;
        var isOurs = volume.ProvisionedBy == _options.Provisioner;
        if (VolumeMachine.UidOf(volume.Name) is not { } uid || (!isOurs && !_works.ContainsKey(uid)))
        {
            return;
        }

        var work = WorkOf(uid);
        if (work.Volume?.ClaimUid != volume.ClaimUid)
        {
            // What was read of another claim says nothing of this one.
            work.Memory = work.Memory.WithoutReads();
        }

        work.Volume = isOurs ? change.After as PersistentVolume : null;
        work.VolumeGone = work.Volume is null ? change.Object : null;
        ForgetReads(work, change);
        MarkDirty(uid);
    }

    // A list that an object is missing from does not say which version was the last: what was read of it may be older than its end.
    private static void ForgetReads(VolumeWork work, ObjectChange change) =>
        work.Memory = change.After is null ? work.Memory.WithoutReads() : work.Memory;

    /// <summary>A class, the node or a NodeLocalStorage has changed.</summary>
    internal void OnTermsChanged()
    {
        foreach (var uid in _works.Keys)
        {
            _dirty.Add(uid);
        }
    }

    /// <summary>Those that wait for the group go on, in the order in which they came.</summary>
    internal void OnGroupFreed(VolumeGroupName group)
    {
        if (!_awaiting.Remove(group, out var waiting))
        {
            return;
        }

        foreach (var uid in waiting)
        {
            _dirty.Remove(uid);
            if (_works.TryGetValue(uid, out var work))
            {
                Look(work);
            }
        }
    }

    /// <summary>The names of the logical volumes in a group that nobody asks for.</summary>
    internal ImmutableArray<string> OrphansIn(VolumeGroupName group)
    {
        ImmutableArray<string> found = [];
        foreach (var work in _works.Values)
        {
            if (work.Memory.UnownedSince is not null && work.FoundIn?.Name == group)
            {
                found = found.Add(work.Found!.Name.Value);
            }
        }

        return found;
    }

    /// <summary>Whether a volume that is looked after lies in a group, or may. What is in another group of that name does not.</summary>
    internal bool Uses(VolumeGroupName group)
    {
        var isOther = _classes.RefusalOf(group).Length > 0;
        return _works.Values.Any(work => work.InFlight
            || (!isOther && (work.FoundIn?.Name == group || (work.Memory.CreationInDoubt && work.AskedIn == group)))
            || (work.Volume is { } volume && VolumePlace.Of(volume)?.Group == group));
    }

    internal void Work()
    {
        while (_timers.Count > 0 && _timers.Min.Due <= _calls.Now)
        {
            _dirty.Add(_timers.Min.Uid);
            _timers.Remove(_timers.Min);
        }

        if (_dirty.Count == 0 || !IsReady)
        {
            return;
        }

        var batch = _dirty.ToArray();
        _dirty.Clear();
        foreach (var uid in batch)
        {
            if (_works.TryGetValue(uid, out var work))
            {
                Look(work);
            }
        }
    }

    private void MarkDirty(ClaimUid uid) => _dirty.Add(uid);

    private void Look(VolumeWork work)
    {
        if (work.InFlight || !IsReady)
        {
            return;
        }

        _timers.Remove((work.Due, work.Uid));
        work.Due = Instant.Never;
        if (work.IsOver)
        {
            OrphansRemoved += work is { IsOrphan: true, Memory.Removed: true } ? 1 : 0;
            _works.Remove(work.Uid);
            if (work is { IsGivenBack: false, OwesReport: { } className })
            {
                _classes.ReportAgain(className);
            }

            return;
        }

        var situation = Gather(work);
        var next = VolumeMachine.Next(situation);
        work.IsIdle = next is VolumeStep.Idle;
        switch (next)
        {
            case VolumeStep.Idle:
                break;
            case VolumeStep.Wait wait:
                LookAgain(work, wait.Until);
                break;
            case VolumeStep.Blocked blocked:
                LookAgain(work, blocked.Until);
                if (work.Subject is { } subject)
                {
                    _events.Warning(subject, blocked.Reason, blocked.Message);
                }

                break;
            case VolumeStep.AwaitGroup await:
                Await(work, await.Group);
                break;
            case VolumeStep.Scan:
                _storage.RequestScan(ofDoubt: situation.GroupState == GroupState.InDoubt);
                break;
            case var step:
                TellOfOrphan(work, step, situation);
                _steps.Begin(work, step, situation);
                break;
        }
    }

    // Of its claim nothing is left to attach the news to.
    private void TellOfOrphan(VolumeWork work, VolumeStep step, VolumeSituation situation)
    {
        work.IsOrphan = step is VolumeStep.RemoveLogicalVolume && situation.Volume is null;
        if (work.IsOrphan && step is VolumeStep.RemoveLogicalVolume remove && _classes.ObjectOf(remove.Group) is { } storage)
        {
            _events.Warning(
                storage,
                "RemovingOrphan",
                $"{remove.Group}/{remove.Name} of {remove.Size} is wiped and removed unless it holds data: its tags name the claim "
                    + $"{work.Uid}, which is gone, and there is no PersistentVolume of it.");
        }
    }

    private void TellOfOrphanLeft(VolumeGroupName group, string why)
    {
        if (_classes.ObjectOf(group) is { } storage)
        {
            _events.Warning(storage, "OrphanStays", $"{why} It belongs to no claim and stays until somebody removes it.");
        }
    }

    private void LookAgain(VolumeWork work, Instant due)
    {
        work.Due = due;
        _timers.Add((due, work.Uid));
    }

    private void Await(VolumeWork work, VolumeGroupName group)
    {
        if (!_awaiting.TryGetValue(group, out var waiting))
        {
            _awaiting.Add(group, waiting = []);
        }

        if (!waiting.Contains(work.Uid))
        {
            waiting.Add(work.Uid);
        }
    }

    private VolumeSituation Gather(VolumeWork work)
    {
        var memory = work.Memory.At(_calls.Now, 2 * _options.ApiTimeout);
        var hostName = _watches.Node?.HostName ?? "";
        var claim = Newest(work.Claim, work.ClaimGone, memory.ReadClaim?.Uid == work.Uid.Value ? memory.ReadClaim : null);
        var volume = Newest(work.Volume, work.VolumeGone, memory.ReadVolume);
        if (volume is not null && !VolumeMachine.IsOurs(volume, work.Uid, _options.Provisioner, hostName))
        {
            volume = null;
        }

        var (terms, unserved) = _classes.TermsOf(claim?.StorageClassName ?? volume?.StorageClassName);
        var groupName = (volume is null ? null : VolumePlace.Of(volume))?.Group
            ?? work.FoundIn?.Name ?? work.LiesIn?.Name ?? (terms ?? unserved?.Ending)?.Group ?? unserved?.Group;
        var situation = new VolumeSituation
        {
            Now = _calls.Now,
            Uid = work.Uid,
            Node = _options.Node,
            HostName = hostName,
            Provisioner = _options.Provisioner,
            OrphanGrace = _options.OrphanGrace,
            MissingGroupGrace = _options.MissingGroupGrace,
            Claim = claim,
            Volume = volume,
            Found = work.Found,
            FoundIn = work.FoundIn,
            IsFoundInServedGroup = work.FoundIn is null || _classes.ObjectOf(work.FoundIn.Name) is not null,
            LiesIn = work.LiesIn?.Name,
            AwaySince = work.AwaySince,
            IsDeclaredLost = groupName is { } away && IsDeclaredLost(away),
            Terms = terms,
            Unserved = unserved,
            Group = groupName is { } name ? _storage.Picture!.Group(name) : null,
            GroupRefusal = groupName is { } refused ? _classes.RefusalOf(refused) : "",
            GroupState = groupName is { } stated ? _storage.StateOf(stated) : GroupState.Ready,
            GroupMissingSince = groupName is { } asked ? _storage.MissingSince(asked) : null,
            Wipe = groupName is { } wiped ? _classes.WipeOf(wiped, volume?.StorageClassName) : default,
            ScanNumber = _storage.Number,
            ScannedAt = _storage.ScannedAt,
            Memory = memory,
        };
        var unowned = work.Found is not null && volume is null && !situation.IsWanted;
        if (unowned != memory.UnownedSince is not null)
        {
            situation = situation with { Memory = memory with { UnownedSince = unowned ? _calls.Now : null } };
            _classes.MarkDirty();
        }

        work.Memory = situation.Memory;
        return situation;
    }

    private bool IsDeclaredLost(VolumeGroupName group) => _watches.Storages.Objects.Values.Any(item =>
        item is NodeLocalStorage { IsDeclaredLost: true } storage
        && storage.Wish.TryGetValue(out var spec) && spec.VolumeGroup.Name == group);

    // What was read before the watch told that the object is gone says nothing any more.
    private static T? Newest<T>(T? watched, KubernetesObject? gone, T? read)
        where T : KubernetesObject =>
        read is null ? watched
        : watched is not null ? watched.IsOlderThan(read) ? read : watched
        : gone is null || gone.IsOlderThan(read) ? read
        : null;

    private VolumeWork WorkOf(ClaimUid uid)
    {
        if (!_works.TryGetValue(uid, out var work))
        {
            // What is there before all is known may have been begun by an earlier life of this agent.
            work = new VolumeWork(uid)
            {
                Memory = VolumeMemory.Empty with
                {
                    FirstScan = _storage.Number,
                    MayBeBegunUntil = _watches.IsSynced ? Instant.Epoch : _mayBeBegunUntil,
                },
            };
            _works.Add(uid, work);
        }

        return work;
    }
}
