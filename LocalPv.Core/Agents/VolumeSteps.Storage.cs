using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Provisioning;

namespace LocalPv.Core.Agents;

/// <content>The steps that change LVM.</content>
internal sealed partial class VolumeSteps
{
    private const int UnavailableMax = 5;

    // What holds data will hold it tomorrow; that somebody has cleared it is worth a look now and then.
    private static readonly TimeSpan LeftAloneFor = TimeSpan.FromHours(1);

    internal long Removed { get; private set; }

    /// <summary>Called when a logical volume that nobody asks for is not removed: its group, and why it stays.</summary>
    internal Action<VolumeGroupName, string>? OrphanLeft { get; init; }

    private void ChangeStorage(VolumeWork work, VolumeStep step)
    {
        switch (step)
        {
            case VolumeStep.CreateLogicalVolume create:
                // What was made before has vanished: of the one that is made now it says nothing.
                work.Memory = work.Memory.WithoutReads() with { MadeHere = false };
                work.AskedIn = create.Group;
                var creation = new NodeStorageRequest.CreateLogicalVolume(
                    create.Group, create.Name, create.Cost.Volume, create.Layout, TagsOf(work.Uid, create.Claim));
                Change(work, create.Group, creation with { GroupUuid = create.GroupUuid }, options.MutationTimeout,
                    outcome => OnMade(work, outcome));
                break;
            case VolumeStep.ExtendLogicalVolume extend:
                Change(work, extend.Group, new NodeStorageRequest.ExtendLogicalVolume(extend.Group, extend.Name, work.Uid, extend.Extents),
                    options.MutationTimeout, outcome => OnChanged(work, outcome, "VolumeResizeFailed"));
                break;
            case VolumeStep.Activate activate:
                Change(work, activate.Group, new NodeStorageRequest.ActivateLogicalVolume(
                    activate.Group, activate.Name, activate.IsNew ? work.Uid : null), options.MutationTimeout,
                    outcome => OnActivated(work, outcome, activate.IsNew));
                break;
            case VolumeStep.MarkRetained mark:
                Change(work, mark.Group, new NodeStorageRequest.TagLogicalVolume(
                    mark.Group, mark.Name, work.Uid, LvmTag.Parse(WellKnown.RetainTag)), options.MutationTimeout,
                    outcome => OnChanged(work, outcome, "RetainFailed"));
                break;
            case VolumeStep.RemoveLogicalVolume remove:
                work.Memory = work.Memory.WithoutReads();
                var removal = new NodeStorageRequest.RemoveLogicalVolume(
                    remove.Group, remove.Name, work.Uid, remove.Wipe, remove.OnlyUnused);
                Change(work, remove.Group, removal with { GroupUuid = remove.GroupUuid }, options.MutationTimeout,
                    outcome => OnRemoved(work, remove, outcome));
                break;
            default:
                throw new InvalidOperationException($"{step.GetType()} has no effect.");
        }
    }

    private static System.Collections.Immutable.ImmutableArray<LvmTag> TagsOf(ClaimUid uid, PersistentVolumeClaim claim) =>
    [
        LvmTag.Parse(WellKnown.OurTag),
        LvmTag.Parse(WellKnown.ClaimTagPrefix + uid.Value),
        ClaimKeyTag.Of(claim.Key),
        .. claim.VolumeMode == "Block" ? Array.Empty<LvmTag>() : [LvmTag.Parse(WellKnown.FileSystemTag)],
    ];

    private void Change(
        VolumeWork work, VolumeGroupName group, NodeStorageRequest request, TimeSpan timeout, Action<Outcome<NodeStorageAnswer>> answered)
    {
        storage.Change(group, request, timeout, outcome =>
        {
            work.InFlight = false;
            answered(outcome);
            markDirty(work.Uid);
        });
    }

    private void OnMade(VolumeWork work, Outcome<NodeStorageAnswer> outcome)
    {
        var memory = work.Memory;
        switch (outcome.Kind)
        {
            case OutcomeKind.Done:
                work.Memory = memory with
                {
                    MadeHere = true,
                    CreationInDoubt = false,
                    Failure = null,
                    Failures = 0,
                    CreationTries = 0,
                };
                return;
            case OutcomeKind.InDoubt:
                work.Memory = memory with { CreationInDoubt = true, ScanAfter = storage.Number };
                BackOff(work);
                return;
            case OutcomeKind.Unavailable or OutcomeKind.NotFound or OutcomeKind.Conflict or OutcomeKind.Expired
                when memory.CreationTries < UnavailableMax || (memory.CreationInDoubt && outcome.Kind == OutcomeKind.Unavailable):
                work.Memory = memory with { ScanAfter = storage.Number, CreationTries = memory.CreationTries + 1 };
                BackOff(work, outcome.RetryAfter);
                return;
            default:
                // A clear no. For AlreadyExists the scan decides: if it is our own earlier work, it goes on from there.
                var reason = outcome.Kind switch
                {
                    OutcomeKind.NoSpace => "NoSpace",
                    OutcomeKind.AlreadyExists => "NameTaken",
                    OutcomeKind.Rejected => "Rejected",
                    OutcomeKind.Refused => "Refused",
                    _ => "StorageUnavailable",
                };
                work.Memory = memory with
                {
                    CreationInDoubt = false,
                    Failure = new Unserved(reason, outcome.Message, true),
                    ScanAfter = storage.Number,
                };
                return;
        }
    }

    private void OnChanged(VolumeWork work, Outcome<NodeStorageAnswer> outcome, string reason)
    {
        if (outcome.IsDone)
        {
            work.Memory = work.Memory with { Failures = 0 };
            return;
        }

        work.Memory = work.Memory with { ScanAfter = storage.Number };
        BackOff(work, outcome.RetryAfter);
        if (work.Subject is { } subject)
        {
            events.Warning(subject, reason, outcome.Message);
        }
    }

    private void OnActivated(VolumeWork work, Outcome<NodeStorageAnswer> outcome, bool isNew)
    {
        OnChanged(work, outcome, "ActivationFailed");
        if (outcome.IsDone && isNew)
        {
            work.Memory = work.Memory with { MadeHere = true, CreationInDoubt = false, Failure = null };
        }
    }

    private void OnRemoved(VolumeWork work, VolumeStep.RemoveLogicalVolume remove, Outcome<NodeStorageAnswer> outcome)
    {
        if (remove.OnlyUnused && outcome.Kind == OutcomeKind.Rejected)
        {
            work.Memory = work.Memory with { Failures = 0, LeftAloneUntil = calls.Now + LeftAloneFor, ScanAfter = storage.Number };
            OrphanLeft?.Invoke(remove.Group, outcome.Message);
            return;
        }

        if (outcome.TryGetValue(out var answer) && answer is NodeStorageAnswer.Volume)
        {
            // A part of it is wiped. Others that wait for the group have their turn before it goes on, and so has a scan: a large volume
            // takes hours, and what is free in its group meanwhile has to be known.
            work.Memory = work.Memory with { Failures = 0, ScanAfter = storage.LastUnclear };
            return;
        }

        if (outcome.Kind is OutcomeKind.Done or OutcomeKind.NotFound)
        {
            Removed++;
            work.Memory = work.Memory with { Removed = true, Failures = 0, ScanAfter = storage.Number };
            return;
        }

        OnChanged(work, outcome, "VolumeFailedDelete");
    }
}
