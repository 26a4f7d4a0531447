using System.Collections.Immutable;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Disks;

/// <summary>What a node's disks are and why each can or cannot be used: one row for each disk, for an operator to read.</summary>
public static class DiskTable
{
    private static readonly VolumeGroupName AnyGroup = VolumeGroupName.Parse("localpv");

    /// <summary>
    /// The rows of a node before any class is written: Usable means that a class that names the disk would take it, InGroup that it is
    /// in a volume group of ours.
    /// </summary>
    public static ImmutableArray<DiskRow> Of(NodeScan scan) => [.. scan.Disks.Select(disk =>
    {
        var ours = disk.VolumeGroup is { } name && scan.Group(name) is { } group && group.Tags.Any(tag => tag.Value == WellKnown.OurTag);
        var rule = new DiskRule { Paths = [disk.Path] };
        return Row(disk, DiskVerdict.On(disk, rule, ours ? disk.VolumeGroup!.Value : AnyGroup, ExtentSize.Default));
    })];

    /// <summary>The rows of a node as one class sees it, disks that it names but nobody sees at the end.</summary>
    public static ImmutableArray<DiskRow> Of(NodeScan scan, NodeLocalStorageSpec spec, NodeLocalStorageStatus? reported = null)
    {
        var judged = VolumeGroupPlanner.Plan(spec, scan, reported).Disks;
        var seen = scan.Disks.Select(disk => Row(
            disk,
            judged.FirstOrDefault(verdict => verdict.Disk?.Path == disk.Path)
                ?? DiskVerdict.On(disk, spec.Disks, spec.VolumeGroup.Name, spec.VolumeGroup.ExtentSize)));
        var missing = judged.Where(verdict => verdict.Disk is null)
            .Select(verdict => new DiskRow(verdict.Path, verdict.Id, Bytes.Zero, "", "", null, verdict.State, verdict.Reason));
        return [.. seen, .. missing];
    }

    private static DiskRow Row(ObservedDisk disk, DiskVerdict verdict) => new(
        disk.Path,
        disk.Id,
        disk.Size,
        disk.Rotational ? "rotational" : "solid",
        disk.Model,
        disk.VolumeGroup,
        verdict.State,
        verdict.Reason);
}

/// <summary>One disk as an operator reads it.</summary>
/// <param name="Path">The kernel's name for it, or the name under which it is missing.</param>
/// <param name="Id">Its stable identity; null where it has none.</param>
/// <param name="Size">Its size.</param>
/// <param name="Kind"><c>rotational</c> or <c>solid</c>; empty where it is missing.</param>
/// <param name="Model">The vendor's name for it; empty where unknown.</param>
/// <param name="Group">The volume group it is in; null where none.</param>
/// <param name="State">What it is.</param>
/// <param name="Reason">Why, and what to do; empty where there is nothing to say.</param>
public sealed record DiskRow(
    DevicePath Path, DiskId? Id, Bytes Size, string Kind, string Model, VolumeGroupName? Group, DiskState State, string Reason);
