using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Provisioning;

/// <content>The end of a volume, and logical volumes that nobody asks for.</content>
public static partial class VolumeMachine
{
    private static VolumeStep OfVolume(VolumeSituation situation, PersistentVolume volume)
    {
        if (!IsOurs(volume, situation.Uid, situation.Provisioner, situation.HostName) || VolumePlace.Of(volume) is not { } place)
        {
            return VolumeStep.Idle.Instance;
        }

        if (situation.Memory.VolumeRead == Sighting.Gone)
        {
            // The copy is old: the watch will tell.
            return new VolumeStep.Wait(situation.Now + SlowRetry);
        }

        // The phase may still be the one of a claim that the volume no longer names.
        var released = volume.Phase == "Released" && volume.ClaimUid.Length > 0;
        if (released && volume.ReclaimPolicy == "Delete")
        {
            return Delete(situation, volume, place);
        }

        if (!volume.IsBeingDeleted || volume.Phase == "Bound")
        {
            return Keep(situation, volume, place);
        }

        return released || volume.ReclaimPolicy != "Delete"
            ? LetGoOfRetained(situation, volume, place)
            : LetGoOfUnbound(situation, volume);
    }

    // The deletion of the PersistentVolume, guarded by its version, commits the decision: from then on nobody can bind it, and its policy
    // was Delete. Our finalizer keeps the object until the logical volume is gone.
    private static VolumeStep Delete(VolumeSituation situation, PersistentVolume volume, VolumePlace place)
    {
        var memory = situation.Memory;
        if (!volume.IsBeingDeleted && volume.ClaimUid != situation.Uid.Value && memory.ClaimRead != Sighting.Gone)
        {
            // A person has given it to this claim, and the phase may still be of the claim before.
            return memory.ClaimRead == Sighting.Unknown && volume.ClaimKey is { } other
                ? new VolumeStep.ReadClaim(other, volume.ClaimUid)
                : new VolumeStep.Wait(situation.Now + SlowRetry);
        }

        if (!volume.IsBeingDeleted)
        {
            return volume.HasFinalizer(WellKnown.LogicalVolumeFinalizer)
                ? new VolumeStep.DeleteVolume(volume)
                : new VolumeStep.AddFinalizer(volume);
        }

        if (memory.Removed || volume.IsDeclaredLost)
        {
            return LetGo(volume);
        }

        if (memory.VolumeRead != Sighting.Seen)
        {
            return new VolumeStep.ReadVolume();
        }

        if (memory.ClaimRead == Sighting.Unknown && volume.ClaimKey is { } key)
        {
            return new VolumeStep.ReadClaim(key, volume.ClaimUid);
        }

        if (memory.ReadClaim is { } claim && (claim.VolumeName.Length == 0 || claim.VolumeName == volume.Name))
        {
            return Blocked(situation, "VolumeFailedDelete", $"The claim {claim.Key} of the released volume is still there.");
        }

        if (Gate(situation, place.Group) is { } first)
        {
            return first;
        }

        if (situation.Group is not { } group || situation.GroupRefusal.Length > 0)
        {
            return Blocked(situation, "VolumeFailedDelete", WhyNotIn(situation, place));
        }

        // What is not there any more needs no change.
        if (!group.IsComplete && group.Volume(place.Volume) is not null)
        {
            return Blocked(situation, "VolumeFailedDelete", WhyNotChanged(group, place));
        }

        return Removal(situation, group, place.Volume, group.Volume(place.Volume)?.Size ?? Bytes.Zero);
    }

    private static VolumeStep LetGoOfRetained(VolumeSituation situation, PersistentVolume volume, VolumePlace place)
    {
        if (volume.IsDeclaredLost)
        {
            return LetGo(volume);
        }

        if (situation.Group is not { } group || situation.GroupRefusal.Length > 0)
        {
            return Blocked(situation, "VolumeFailedDelete", WhyNotIn(situation, place));
        }

        return Retain(situation, volume, place, group) ?? LetGo(volume);
    }

    // Deleted by a person before it was bound: while the claim lives the logical volume is the claim's, and a new PersistentVolume will
    // be made of it. Without a claim the PV controller will call the volume Released. One that a person had given to another claim, or to
    // none, goes without its logical volume: only what was Released is reclaimed.
    private static VolumeStep LetGoOfUnbound(VolumeSituation situation, PersistentVolume volume) =>
        volume.ClaimUid != situation.Uid.Value ? LetGo(volume) : situation.Memory.ClaimRead switch
        {
            Sighting.Unknown when volume.ClaimKey is { } key => new VolumeStep.ReadClaim(key),
            Sighting.Seen => LetGo(volume),
            _ => new VolumeStep.Wait(situation.Now + SlowRetry),
        };

    private static VolumeStep? Retain(VolumeSituation situation, PersistentVolume volume, VolumePlace place, VolumeGroup group)
    {
        if (volume.ReclaimPolicy == "Delete" || group.Volume(place.Volume) is not { } kept || kept.Claim != situation.Uid
            || HasTag(kept, WellKnown.RetainTag))
        {
            return null;
        }

        return !group.IsComplete
            ? Blocked(situation, "RetainFailed", WhyNotChanged(group, place))
            : Gate(situation, place.Group) ?? new VolumeStep.MarkRetained(place.Group, place.Volume);
    }

    // LVM writes into the metadata of a group that it changes which disks are missing. One of them that was only late, as after a boot, or
    // away for a moment, stays missing then until a person takes it in again, and no volume on it can be activated.
    private static string WhyNotChanged(VolumeGroup group, VolumePlace place) =>
        $"{place.Group}/{place.Volume} is not changed while the volume group misses "
        + $"{group.PhysicalVolumes.Count(disk => disk.Missing)} of its disks: bring them back, or take them out of it with vgreduce.";

    private static VolumeStep.RemoveLogicalVolume Removal(
        VolumeSituation situation, VolumeGroup group, LogicalVolumeName name, Bytes size, bool onlyUnused = false) =>
        new(group.Name, name, situation.Wipe, size, onlyUnused) { GroupUuid = group.Uuid };

    private static VolumeStep LetGo(PersistentVolume volume) => volume.HasFinalizer(WellKnown.LogicalVolumeFinalizer)
        ? new VolumeStep.RemoveFinalizer(volume)
        : VolumeStep.Idle.Instance;

    // What is not in another group of that name says nothing of the one that the volume is in.
    private static string WhyNotIn(VolumeSituation situation, VolumePlace place) => situation.Group is null
        ? WhyNotWithout(place, situation.Node)
        : $"{place.Volume} is not looked for: {situation.GroupRefusal}";

    private static string WhyNotWithout(VolumePlace place, NodeName node) =>
        $"The volume group {place.Group} is not on node {node}, so {place.Volume} cannot be removed: bring its disks back, "
        + $"or declare them lost with the annotation {WellKnown.LostAnnotation}=true on the PersistentVolume.";

    // A logical volume of ours without a PersistentVolume, for a claim that does not ask for it here: work of an earlier life whose claim
    // is gone, or that was given to another node meanwhile. It goes when, after the grace, live reads show that nobody can want it any
    // more, and its content that nobody has used it. What the API server says is no proof of that: one that was built anew, or put back
    // from a backup, knows nothing of volumes that lived. A volume to be mounted shows by its file system that it was; what was written to
    // a raw one cannot be told from what is left of others, so that only a person removes it.
    private static VolumeStep OfUnowned(VolumeSituation situation, LogicalVolume found, VolumeGroup group)
    {
        var memory = situation.Memory;
        if (!situation.IsFoundInServedGroup)
        {
            return new VolumeStep.Wait(situation.Now + SlowRetry);
        }

        // Volumes of another node, or of one that had another name, are no orphans because their claims cannot be found here.
        if (VolumeGroupPlanner.MadeElsewhere(group, situation.Node) is not null)
        {
            return VolumeStep.Idle.Instance;
        }

        if (!HasTag(found, WellKnown.OurTag))
        {
            return VolumeStep.Idle.Instance;
        }

        if (HasTag(found, WellKnown.RetainTag) || !HasTag(found, WellKnown.FileSystemTag) || ClaimKeyTag.Read(found) is not { } key)
        {
            return Leave(situation, found, group, VolumeStep.Idle.Instance);
        }

        if (situation.Now < memory.LeftAloneUntil)
        {
            return Leave(situation, found, group, new VolumeStep.Wait(memory.LeftAloneUntil));
        }

        var due = (memory.UnownedSince ?? situation.Now) + situation.OrphanGrace;
        if (situation.Now < due)
        {
            return new VolumeStep.Wait(due);
        }

        if (memory.VolumeRead == Sighting.Unknown)
        {
            return new VolumeStep.ReadVolume();
        }

        // Whoever wrote it, and whichever claim it names now (of a cluster that was built anew, say): what lies on this node under that
        // name is somebody's. By the node's own name too: the label that volumes refer to can be changed.
        if (memory.ReadVolume is { } volume
            && (volume.HostName == situation.HostName || volume.Label(WellKnown.NodeLabel) == NodeLabel.Of(situation.Node)))
        {
            return new VolumeStep.Wait(situation.Now + SlowRetry);
        }

        return memory.ClaimRead switch
        {
            Sighting.Unknown => new VolumeStep.ReadClaim(key),
            Sighting.Seen when !LivesElsewhere(memory, situation.Uid) => new VolumeStep.Wait(situation.Now + SlowRetry),
            _ when !group.IsComplete => new VolumeStep.Wait(situation.Now + SlowRetry),
            _ => Gate(situation, group.Name) ?? Removal(situation, group, found.Name, found.Size, onlyUnused: true),
        };
    }

    // Somebody may use it through a PersistentVolume of his own, also after a reboot.
    private static VolumeStep Leave(VolumeSituation situation, LogicalVolume found, VolumeGroup group, VolumeStep otherwise) =>
        found.Active || found.Partial ? otherwise : Gate(situation, group.Name) ?? new VolumeStep.Activate(group.Name, found.Name);

    // A claim that is bound to a volume of another node never asks for this one again: a claim's volume is never another.
    private static bool LivesElsewhere(VolumeMemory memory, ClaimUid uid) =>
        memory.ReadVolume is { Phase: "Bound", HostName: not null } volume && volume.ClaimUid == uid.Value
        && memory.ReadClaim is { } claim && claim.VolumeName == volume.Name && volume.Name == NameOf(uid);
}
