using LocalPv.Core.Kubernetes;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Provisioning;

/// <content>A volume that lives: its device, its mark, its growth.</content>
public static partial class VolumeMachine
{
    private static VolumeStep Keep(VolumeSituation situation, PersistentVolume volume, VolumePlace place)
    {
        if (situation.Group is not { } group)
        {
            return VolumeStep.Idle.Instance;
        }

        if (group.Volume(place.Volume) is not { } kept || kept.Claim != situation.Uid)
        {
            return situation.Memory.ScanAfter >= situation.ScanNumber
                ? new VolumeStep.Scan()
                : Blocked(situation, "LogicalVolumeMissing", $"{place.Group}/{place.Volume} is not on node {situation.Node} any more.");
        }

        // A mirrored volume works with what is left of it.
        if (!kept.Active)
        {
            return kept.Partial && kept.Layout.Type != LayoutType.Raid1
                ? Blocked(
                    situation,
                    "DiskMissing",
                    $"A part of {place.Group}/{place.Volume} on node {situation.Node} lies on a missing disk: it cannot be activated.")
                : Gate(situation, place.Group) ?? new VolumeStep.Activate(place.Group, place.Volume);
        }

        // The mark may have to wait for a disk; the device is waited for by Pods.
        if (Retain(situation, volume, place, group) is { } mark)
        {
            return mark;
        }

        return volume.Phase == "Bound" && !volume.IsBeingDeleted && situation.Claim is { IsBeingDeleted: false } claim
            && claim.VolumeName == volume.Name
            ? Grow(situation, volume, claim, kept, group)
            : VolumeStep.Idle.Instance;
    }

    private static VolumeStep Grow(
        VolumeSituation situation, PersistentVolume volume, PersistentVolumeClaim claim, LogicalVolume kept, VolumeGroup group)
    {
        if (!Quantity.TryParse(volume.Capacity, out var has, out _) || !Quantity.TryParse(claim.RequestedStorage, out var wants, out _))
        {
            return VolumeStep.Idle.Instance;
        }

        if (wants <= has)
        {
            return Grown(claim, volume, has);
        }

        if (kept.Size >= wants)
        {
            return new VolumeStep.WriteCapacity(volume, kept.Size);
        }

        if (situation.Terms is not { MayGrow: true } terms)
        {
            return VolumeStep.Idle.Instance;
        }

        if (Gate(situation, group.Name) is { } first)
        {
            return first;
        }

        var cost = LayoutCost.ExtentsNeeded(kept.Layout, group.ExtentSize, wants);
        var today = LayoutCost.ExtentsNeeded(kept.Layout, group.ExtentSize, kept.Size);
        var more = cost.Space.SubtractToZero(today.Space);

        // A class that was made again may have another layout than its older volumes; LVM does not know how far a pool may be promised.
        var layout = kept.Layout.Type == terms.Layout.Type ? terms.Layout : kept.Layout;
        if (HasRoom(terms, layout, group, more, out var room))
        {
            return new VolumeStep.ExtendLogicalVolume(group.Name, kept.Name, cost.Volume);
        }

        // What the claim is told stays the same while the room changes, so that it is told once.
        var refused = new ClaimResize(
            "ControllerResizeError",
            "NoSpace",
            $"{wants} need {more} more than the volume has, and the volume group {group.Name} on node {situation.Node} has less to give.");
        return refused.IsTold(claim)
            ? Blocked(
                situation,
                "VolumeResizeFailed",
                $"Growing from {kept.Size} to {wants} needs {more} more, and the volume group {group.Name} on node {situation.Node} has "
                    + $"{room} left to give. The volume stays as it is.")
            : new VolumeStep.WriteClaimResize(claim, null, refused);
    }

    // The volume is as large as the claim asks. A file system is still to be grown by the kubelet, which then tells the claim and clears
    // its conditions; a block device has grown when its logical volume has.
    private static VolumeStep Grown(PersistentVolumeClaim claim, PersistentVolume volume, Bytes has)
    {
        var told = Quantity.TryParse(claim.CapacityText(), out var capacity, out _) ? capacity : Bytes.Zero;
        if (claim.Phase != "Bound" || told == Bytes.Zero)
        {
            return VolumeStep.Idle.Instance;
        }

        var isBlock = claim.VolumeMode == "Block";
        var wanted = told < has && !isBlock ? ClaimResize.FileSystemPending : ClaimResize.Nothing;
        return wanted.IsTold(claim) && (told >= has || !isBlock)
            ? VolumeStep.Idle.Instance
            : new VolumeStep.WriteClaimResize(claim, told < has && isBlock ? volume.Capacity : null, wanted);
    }

    private static string CapacityText(this PersistentVolumeClaim claim) =>
        claim.Tree.At("status", "capacity", "storage") is Kubernetes.Json.JsonText text ? text.Value : "";
}
