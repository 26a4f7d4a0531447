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

        if (Retain(situation, volume, place, group) is { } mark)
        {
            return mark;
        }

        if (!kept.Active && !kept.Partial)
        {
            return Gate(situation, place.Group) ?? new VolumeStep.Activate(place.Group, place.Volume);
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
            // The kubelet grows a file system and tells the claim; a block device has grown when its logical volume has.
            return claim.VolumeMode == "Block" && claim.Phase == "Bound"
                && Quantity.TryParse(claim.CapacityText(), out var told, out _) && told < has
                ? new VolumeStep.WriteClaimCapacity(claim, volume.Capacity!)
                : VolumeStep.Idle.Instance;
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
        return HasRoom(terms, group, cost.Space.SubtractToZero(today.Space), out var room)
            ? new VolumeStep.ExtendLogicalVolume(group.Name, kept.Name, cost.Volume)
            : Blocked(
                situation,
                "VolumeResizeFailed",
                $"Growing from {kept.Size} to {wants} needs {cost.Space.SubtractToZero(today.Space)} more, and the volume group "
                    + $"{group.Name} on node {situation.Node} has {room} left to give. The volume stays as it is.");
    }

    private static string CapacityText(this PersistentVolumeClaim claim) =>
        claim.Tree.At("status", "capacity", "storage") is Kubernetes.Json.JsonText text ? text.Value : "";
}
