using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Provisioning;

/// <content>From a claim that selects this node to its PersistentVolume, or back to the scheduler.</content>
public static partial class VolumeMachine
{
    private static VolumeStep Provision(VolumeSituation situation, PersistentVolumeClaim claim)
    {
        var memory = situation.Memory;
        if (memory.VolumeRead == Sighting.Seen)
        {
            // It exists, but it is not one of this node: another node has made it, and the claim will be bound there.
            return Blocked(situation, "VolumeElsewhere", $"The PersistentVolume {NameOf(situation.Uid)} exists and is not on this node.");
        }

        if (ClaimWish.Read(claim) is { Error.Length: > 0 } bad)
        {
            return Blocked(situation, "ClaimRefused", bad.Error);
        }

        if (situation.Found is { } found)
        {
            return Publish(situation, claim, found, situation.FoundIn!);
        }

        // Where the volume is known to lie in a group that is away, it is there again when the group is; another group of that name is
        // not that one.
        if (situation.LiesIn is { } away)
        {
            var message = $"The volume group {away} on node {situation.Node}, which has the claim's logical volume, is not seen now.";
            return IsGivenUp(situation) ? Release(situation, claim, new Unserved("VolumeGroupMissing", message, true))
                : IsToBeGivenUp(situation) ? new VolumeStep.Scan()
                : Blocked(situation, "WaitingForVolumeGroup", message);
        }

        // What is in doubt is asked for again also where nothing new is begun any more: without a clear answer the claim would stay here.
        if ((situation.Terms ?? (memory.CreationInDoubt ? situation.Unserved!.Ending : null)) is not { } terms)
        {
            var unserved = situation.Unserved!;
            return unserved.IsFinal && (!memory.CreationInDoubt || IsGivenUp(situation) || IsLostBehindAnother(situation))
                ? Release(situation, claim, unserved)
                : Blocked(situation, unserved.Reason, unserved.Message);
        }

        if (Gate(situation, terms.Group) is { } first)
        {
            return first;
        }

        if (memory.Failure is { } failure && !memory.CreationInDoubt)
        {
            return Release(situation, claim, failure);
        }

        return WhyNoRoom(situation, claim, terms, out var wait) is { } unfit ? Release(situation, claim, unfit)
            : wait ?? Create(situation, claim, terms);
    }

    // A volume that was never published holds nobody's data. Where its group has been away for so long that an agent which has just been
    // started would not wait for it, or a person says that it does not come back, the claim goes on elsewhere; what comes back after all is
    // an orphan. A creation in doubt may still be under way in the kernel: of that only a person knows. The disks may have come back since
    // the last scan: one after that time is looked at first.
    private static bool IsGivenUp(VolumeSituation situation) => IsGivenUpAt(situation, situation.ScannedAt);

    private static bool IsToBeGivenUp(VolumeSituation situation) => IsGivenUpAt(situation, situation.Now);

    private static bool IsGivenUpAt(VolumeSituation situation, Instant at) =>
        situation.GroupState == GroupState.Ready
        && (situation.LiesIn is null ? situation.GroupMissingSince : situation.AwaySince) is { } since
        && (situation.IsDeclaredLost || (!situation.Memory.CreationInDoubt && at >= since + situation.OrphanGrace));

    // Where another group has the name, the one that was asked is not seen to be away.
    private static bool IsLostBehindAnother(VolumeSituation situation) =>
        situation is { IsDeclaredLost: true, GroupRefusal.Length: > 0, GroupState: GroupState.Ready };

    private static VolumeStep Create(VolumeSituation situation, PersistentVolumeClaim claim, VolumeTerms terms)
    {
        if (situation.Memory.ClaimRead != Sighting.Seen)
        {
            // A copy may be old: the claim may be gone, bound or on another node by now.
            return new VolumeStep.ReadClaim(claim.Key);
        }

        var extentSize = situation.Group?.ExtentSize ?? ExtentSize.Default;
        var cost = LayoutCost.ExtentsNeeded(terms.Layout, extentSize, ClaimWish.Read(claim).Size);
        return new VolumeStep.CreateLogicalVolume(
            terms.Group, LogicalVolumeName.Parse(NameOf(situation.Uid)), cost, terms.Layout, claim)
        {
            GroupUuid = situation.Group?.Uuid,
        };
    }

    // After a request in doubt the same request is sent again whatever the scan says: only its clear answer proves that nothing can still
    // make the volume, since requests to one group run one after another.
    private static Unserved? WhyNoRoom(VolumeSituation situation, PersistentVolumeClaim claim, VolumeTerms terms, out VolumeStep? wait)
    {
        wait = null;
        if (situation.Group is not { } group)
        {
            var since = situation.GroupMissingSince ?? situation.Now;
            if ((situation.Memory.CreationInDoubt && !IsGivenUp(situation)) || situation.Now < since + situation.MissingGroupGrace)
            {
                wait = new VolumeStep.Blocked(
                    "WaitingForVolumeGroup",
                    $"The volume group {terms.Group} is not on node {situation.Node}.",
                    Instant.Max(since + situation.MissingGroupGrace, situation.Now + TimeSpan.FromSeconds(5)));
                return null;
            }

            if (situation.ScannedAt < since + situation.MissingGroupGrace && !situation.IsDeclaredLost)
            {
                wait = new VolumeStep.Scan();
                return null;
            }

            return new Unserved("VolumeGroupMissing", $"The volume group {terms.Group} is not on node {situation.Node}.", true);
        }

        if (situation.Memory.CreationInDoubt)
        {
            return null;
        }

        if (!group.IsComplete)
        {
            return new Unserved("DiskMissing", $"The volume group {terms.Group} on node {situation.Node} misses a disk.", true);
        }

        var size = ClaimWish.Read(claim).Size;
        var cost = LayoutCost.ExtentsNeeded(terms.Layout, group.ExtentSize, size);
        if (HasRoom(terms, terms.Layout, group, cost.Space, out var room))
        {
            return null;
        }

        if (situation.ScanNumber <= situation.Memory.FirstScan)
        {
            wait = new VolumeStep.Scan();
            return null;
        }

        return new Unserved(
            "NoSpace",
            $"{size} need {cost.Space}, and the volume group {terms.Group} on node {situation.Node} has {room} left to give.",
            true);
    }

    private static VolumeStep Publish(VolumeSituation situation, PersistentVolumeClaim claim, LogicalVolume found, VolumeGroup group)
    {
        if ((situation.Terms ?? situation.Unserved!.Ending) is not { } terms)
        {
            return Blocked(situation, situation.Unserved!.Reason, situation.Unserved.Message);
        }

        if (found.Name.Value != NameOf(situation.Uid) || !HasTag(found, WellKnown.OurTag))
        {
            return Blocked(
                situation,
                "ForeignLogicalVolume",
                $"{group.Name}/{found.Name} carries this claim's tag but was not made by us: remove the tag or the volume.");
        }

        if (found.Partial)
        {
            return Blocked(
                situation,
                "DiskMissing",
                $"A part of {group.Name}/{found.Name} lies on a missing disk: bring the disk back, or remove the logical volume on the "
                    + "node, which no Pod has used yet: the claim then goes elsewhere.");
        }

        var cost = LayoutCost.ExtentsNeeded(found.Layout, group.ExtentSize, ClaimWish.Read(claim).Size);
        if (found.Extents < cost.Volume)
        {
            return Gate(situation, group.Name) ?? new VolumeStep.ExtendLogicalVolume(group.Name, found.Name, cost.Volume);
        }

        return situation.Memory.MadeHere && found.Active
            ? new VolumeStep.CreateVolume(claim, group.Name, found, terms)
            : Finish(situation, claim, found, group, terms);
    }

    // Work of an earlier life or of another agent, or of a request whose end is not known: LVM commits a volume before it clears it. The
    // claim was never bound and has no PersistentVolume, so that nothing of anybody's is on the volume; unless the API server was put back
    // to an older state, before which an administrator marks all volumes, or a PersistentVolume of it was deleted. A marked one is
    // published as it is.
    private static VolumeStep Finish(
        VolumeSituation situation, PersistentVolumeClaim claim, LogicalVolume found, VolumeGroup group, VolumeTerms terms) =>
        situation.Memory.VolumeRead != Sighting.Gone ? new VolumeStep.ReadVolume()
        : situation.Memory.ClaimRead != Sighting.Seen ? new VolumeStep.ReadClaim(claim.Key)
        : IsRetained(found) && found.Active ? new VolumeStep.CreateVolume(claim, group.Name, found, terms)
        : Gate(situation, group.Name) ?? new VolumeStep.Activate(group.Name, found.Name, IsNew: !IsRetained(found));

    private static bool IsRetained(LogicalVolume found) => HasTag(found, WellKnown.RetainTag);

    private static VolumeStep Release(VolumeSituation situation, PersistentVolumeClaim claim, Unserved why)
    {
        if (situation.Memory.Failure is null && situation.Now < situation.Memory.MayBeBegunUntil)
        {
            // An earlier life of this agent may have asked for the volume, and the request may still be running.
            return new VolumeStep.Wait(situation.Memory.MayBeBegunUntil);
        }

        if (situation.Memory.VolumeRead == Sighting.Unknown)
        {
            return new VolumeStep.ReadVolume();
        }

        return situation.Memory.ClaimRead == Sighting.Seen
            ? new VolumeStep.ReleaseNode(claim, why.Reason, why.Message)
            : new VolumeStep.ReadClaim(claim.Key);
    }
}
