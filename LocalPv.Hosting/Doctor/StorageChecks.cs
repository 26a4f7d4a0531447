using System.Collections.Immutable;
using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Hosting.Doctor;

/// <summary>
/// What a scan of the node's disks and LVM tells: usable disks, bad groups, volumes that nobody asks for. Changes nothing.
/// </summary>
public static class StorageChecks
{
    private const int NamesMax = 10;

    /// <summary>The checks.</summary>
    /// <param name="scan">What was seen.</param>
    /// <param name="known">The claims that have a volume object in the cluster; null where that is not known.</param>
    public static IEnumerable<Finding> Run(NodeScan scan, IReadOnlySet<ClaimUid>? known)
    {
        yield return Disks(scan);
        foreach (var group in scan.VolumeGroups.Where(IsOurs))
        {
            var missing = group.PhysicalVolumes.Count(disk => disk.Missing);
            yield return missing == 0
                ? Finding.Good(
                    "groups/" + group.Name,
                    $"{group.ExtentSize.SizeOf(group.FreeExtents)} of {group.ExtentSize.SizeOf(group.Extents)} free.")
                : Finding.Failure(
                    "groups/" + group.Name,
                    $"{missing} of {group.PhysicalVolumes.Length} disks of the volume group are missing.",
                    "docs/disk-replacement.md says what to do. Nothing is removed by itself.");
            foreach (var finding in Volumes(group, known))
            {
                yield return finding;
            }
        }
    }

    private static Finding Disks(NodeScan scan)
    {
        var rule = new DiskRule { Match = [DiskRule.EveryDisk] };
        var group = VolumeGroupName.Parse("localpv");
        var verdicts = scan.Disks.Select(disk => DiskVerdict.On(disk, rule, group, ExtentSize.Default)).ToArray();
        var usable = verdicts.Count(verdict => verdict.State == DiskState.Usable);
        if (scan.Disks.IsEmpty)
        {
            return Finding.Failure(
                "devices", "No disks are seen.", "In a Pod, mount the node's /dev as deploy/manifests/agent.yaml does.");
        }

        var groups = scan.VolumeGroups.Count(IsOurs);
        return usable > 0 || groups > 0
            ? Finding.Good("devices", $"{verdicts.Length} disks are seen, {usable} could be used, {groups} volume groups are LocalPv's.")
            : Finding.Warning(
                "devices",
                $"{verdicts.Length} disks are seen, none can be used as it is.",
                "localpv disks says why of each. A disk must be empty, or its class must say that it may be wiped.");
    }

    private static IEnumerable<Finding> Volumes(VolumeGroup group, IReadOnlySet<ClaimUid>? known)
    {
        var foreign = group.LogicalVolumes.Where(volume => !IsOurs(volume.Tags)).Select(volume => volume.Name.Value).ToArray();
        if (foreign.Length > 0)
        {
            yield return Finding.Warning(
                $"groups/{group.Name}/foreign",
                $"{foreign.Length} logical volumes are not LocalPv's: {Named(foreign)}.",
                "They take space from the class. LocalPv never touches them; move them elsewhere if that is not meant.");
        }

        if (known is null)
        {
            yield break;
        }

        var unknown = group.LogicalVolumes
            .Where(volume => IsOurs(volume.Tags) && volume.Claim is { } claim && !known.Contains(claim)).ToArray();
        var retained = unknown.Where(volume => volume.Tags.Any(tag => tag.Value == WellKnown.RetainTag)).ToArray();
        var orphans = unknown.Except(retained).ToArray();
        if (orphans.Length > 0)
        {
            yield return Finding.Warning(
                $"groups/{group.Name}/orphans",
                $"{orphans.Length} logical volumes of LocalPv have no PersistentVolume: {Named(orphans)}.",
                $"Look twice: one may be in the making. {Removal(group, orphans[0])}");
        }

        if (retained.Length > 0)
        {
            yield return Finding.Warning(
                $"groups/{group.Name}/retained",
                $"{retained.Length} logical volumes were kept when their claims went, by the policy Retain or by hand: {Named(retained)}.",
                Removal(group, retained[0]));
        }
    }

    // LVM gives what is freed to the next volume as it is; only a thin pool clears it.
    private static string Removal(VolumeGroup group, LogicalVolume volume)
    {
        var name = $"{group.Name}/{volume.Name}";
        return "If nobody needs their data: " + (volume.Layout.Type == LayoutType.Thin
            ? $"lvremove {name}."
            : $"lvchange -ay {name} && blkdiscard --zeroout /dev/{name} && lvremove {name}. Without the second the next claim reads it.");
    }

    private static bool IsOurs(VolumeGroup group) => IsOurs(group.Tags);

    private static bool IsOurs(ImmutableArray<LvmTag> tags) => tags.Any(tag => tag.Value == WellKnown.OurTag);

    private static string Named(LogicalVolume[] volumes) => Named([.. volumes.Select(volume => volume.Name.Value)]);

    private static string Named(string[] names) =>
        string.Join(", ", names.Take(NamesMax)) + (names.Length > NamesMax ? ", …" : "");
}
