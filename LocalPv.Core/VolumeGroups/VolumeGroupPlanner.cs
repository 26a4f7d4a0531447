using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;

namespace LocalPv.Core.VolumeGroups;

/// <summary>
/// Decides what to do about a class's volume group: make it, extend it, or say why not. It never plans to touch a disk that its
/// <see cref="DiskVerdict"/> does not call usable, nor a group that somebody else made unless the spec adopts it.
/// </summary>
public static class VolumeGroupPlanner
{
    // A pool that is nearly full needs a person before it is full.
    private const int PoolFullPercent = 90;

    /// <summary>
    /// The plan for <paramref name="spec"/> after <paramref name="scan"/>. <paramref name="reported"/> is the last status of the same
    /// NodeLocalStorage, which remembers the group's uuid and which disk a path meant: a group that was here and is not seen now is
    /// missing, and no other is made in its place. <paramref name="beside"/> is another NodeLocalStorage of the node that remembers a group
    /// of the same name, where this one remembers none. <paramref name="hasOwnVolumes"/> says that there are PersistentVolumes of volumes
    /// in the group: then it is this cluster's, whatever the class means now.
    /// </summary>
    public static VolumeGroupPlan Plan(
        NodeLocalStorageSpec spec,
        NodeScan scan,
        NodeLocalStorageStatus? reported = null,
        NodeLocalStorage? beside = null,
        bool hasOwnVolumes = false)
    {
        var seen = scan.Group(spec.VolumeGroup.Name);
        var verdicts = Verdicts(spec, scan, seen, reported);
        var problems = new List<string>();
        if ((WhyGroupIsNotOurs(spec, seen, reported, beside, out var isKnown)
            ?? (isKnown || hasOwnVolumes ? null : WhyOnNoDiskOf(spec, scan, seen))) is { } foreign)
        {
            problems.Add(foreign);
            return new VolumeGroupPlan(null, null, verdicts, AddDiskProblems(problems, verdicts));
        }

        var usable = verdicts.Where(verdict => verdict.State == DiskState.Usable).Select(ToUse).ToImmutableArray();
        if (seen is null)
        {
            if (usable.IsEmpty)
            {
                problems.Add($"The volume group {spec.VolumeGroup.Name} cannot be made: the class has no usable disk on this node.");
            }

            return new VolumeGroupPlan(Creation(spec, usable), null, verdicts, AddDiskProblems(problems, verdicts));
        }

        AddGroupProblems(problems, spec, seen);
        var extend = !usable.IsEmpty && seen.IsComplete
            ? new NodeStorageRequest.ExtendVolumeGroup(seen.Name, seen.Uuid, usable)
            : null;
        return new VolumeGroupPlan(extend, seen, verdicts, AddDiskProblems(problems, verdicts));
    }

    /// <summary>Whether we have made the group on that node.</summary>
    public static bool IsOurs([NotNullWhen(true)] VolumeGroup? group, NodeName here) =>
        group is not null && group.Tags.Any(tag => tag.Value == WellKnown.OurTag) && MadeElsewhere(group, here) is null;

    /// <summary>Whether a disk that the class means is in the group.</summary>
    internal static bool IsOnDiskOf(NodeLocalStorageSpec spec, NodeScan scan, VolumeGroup group) => group.PhysicalVolumes.Any(
        volume => volume.Path is { } at && scan.Disks.Any(disk => disk.IsAt(at) && spec.Disks.Means(disk)));

    /// <summary>Whether the group came with disks of another node and is not to be used here: its volumes are that node's.</summary>
    public static bool IsOfAnotherNode(NodeLocalStorageSpec spec, VolumeGroup? group) =>
        !spec.VolumeGroup.Adopt && group is not null && MadeElsewhere(group, spec.Node) is not null;

    /// <summary>
    /// The tag by which another node has made the group; null where there is none. Volumes in such a group whose claims cannot be found
    /// here are no orphans.
    /// </summary>
    internal static string? MadeElsewhere(VolumeGroup group, NodeName here)
    {
        foreach (var tag in group.Tags)
        {
            if (tag.Value.StartsWith(WellKnown.NodeTagPrefix, StringComparison.Ordinal)
                && !tag.Value.AsSpan(WellKnown.NodeTagPrefix.Length).SequenceEqual(here.Value))
            {
                return tag.Value;
            }
        }

        return null;
    }

    private static NodeStorageRequest.CreateVolumeGroup? Creation(NodeLocalStorageSpec spec, ImmutableArray<DiskToUse> disks) =>
        disks.IsEmpty ? null : new(
            spec.VolumeGroup.Name,
            spec.VolumeGroup.ExtentSize,
            disks,
            [LvmTag.Parse(WellKnown.OurTag), LvmTag.Parse(WellKnown.NodeTagPrefix + spec.Node.Value)]);

    private static string? WhyGroupIsNotOurs(
        NodeLocalStorageSpec spec, VolumeGroup? seen, NodeLocalStorageStatus? reported, NodeLocalStorage? beside, out bool isKnown)
    {
        var name = spec.VolumeGroup.Name;
        var own = reported?.VolumeGroup is { } group && group.Name == name ? group.Uuid : "";
        var before = own.Length > 0 ? own : beside?.Report.VolumeGroup?.Uuid ?? "";
        isKnown = before.Length > 0;
        var witness = own.Length > 0 || beside is null ? "this NodeLocalStorage" : $"the NodeLocalStorage {beside.Name}";
        if (seen is null)
        {
            return before.Length == 0
                ? null
                : $"The volume group {name} ({before}) was here and is not seen now: put its disks back. "
                    + $"Nothing is made in its place; to give it up for lost, delete {witness}.";
        }

        if (before.Length > 0 && before != seen.Uuid)
        {
            return $"The volume group {name} is not the one that was here: its uuid is {seen.Uuid}, not {before}. "
                + $"To go on with this one, delete {witness}.";
        }

        if (spec.VolumeGroup.Adopt)
        {
            return null;
        }

        if (before.Length == 0 && MadeElsewhere(seen, spec.Node) is { } tag)
        {
            return $"The volume group {name} was made on another node (it has the tag {tag}), and its volumes are that node's: put its "
                + $"disks back there. To use it here, run 'vgchange --deltag {tag} {name}' on this node: volumes in it of claims that this "
                + "cluster does not know are orphans then, and those of them that nobody has used are removed.";
        }

        return seen.Tags.Any(tag => tag.Value == WellKnown.OurTag)
            ? null
            : $"The volume group {name} was made by somebody else (it lacks the tag {WellKnown.OurTag}): choose another name, "
                + "or set spec.volumeGroup.adopt to use it.";
    }

    // Right after it was made the group knows its disks; that these are in it only the next scan tells.
    private static string? WhyOnNoDiskOf(NodeLocalStorageSpec spec, NodeScan scan, VolumeGroup? seen) =>
        seen is null || spec.VolumeGroup.Adopt || IsOnDiskOf(spec, scan, seen)
            ? null
            : $"The volume group {seen.Name} ({seen.Uuid}) lies on no disk that the class means, but on {DisksOf(seen)}: it may be "
                + "another cluster's, or one within somebody's volume. If it is this class's, put one of these disks into "
                + "spec.disks.paths of the NodeLocalStorage; if not, hide them from this node, or choose another name.";

    private static string DisksOf(VolumeGroup group) =>
        string.Join(", ", group.PhysicalVolumes.Select(disk => disk.Path?.Value ?? $"a missing disk ({disk.Uuid})"));

    private static void AddGroupProblems(List<string> problems, NodeLocalStorageSpec spec, VolumeGroup seen)
    {
        var missing = seen.PhysicalVolumes.Count(disk => disk.Missing);
        if (missing > 0)
        {
            problems.Add($"The volume group {seen.Name} misses {missing} of its {seen.PhysicalVolumes.Length} disks: it takes no new "
                + "volume until they are back or taken out of it.");
        }

        if (seen.ExtentSize != spec.VolumeGroup.ExtentSize)
        {
            problems.Add($"The volume group {seen.Name} has extents of {seen.ExtentSize}, not of the {spec.VolumeGroup.ExtentSize} that "
                + "spec.volumeGroup.extentSize says; they stay as they are.");
        }

        AddPoolProblem(problems, seen);
    }

    private static void AddPoolProblem(List<string> problems, VolumeGroup seen)
    {
        if (seen.ThinPool is { FullPercent: >= PoolFullPercent } pool)
        {
            problems.Add($"The thin pool of the volume group {seen.Name} is {pool.FullPercent} % full: when it is full, writing to its "
                + "volumes fails. Free space in them (and run fstrim), remove volumes, or move some elsewhere.");
        }
    }

    private static ImmutableArray<string> AddDiskProblems(List<string> problems, ImmutableArray<DiskVerdict> verdicts)
    {
        foreach (var verdict in verdicts)
        {
            // A usable disk, one in the group and one that the class does not mean are no problem unless something is said of them.
            var matters = verdict.State is DiskState.Refused or DiskState.Missing or DiskState.Replaced or DiskState.InGroup;
            if (matters && verdict.Reason.Length > 0)
            {
                problems.Add($"{verdict.Path}: {verdict.Reason}");
            }
        }

        return [.. problems];
    }

    private static DiskToUse ToUse(DiskVerdict verdict)
    {
        var disk = verdict.Disk!;
        return new DiskToUse(disk.Path, disk.Id!.Value, disk.Size, verdict.WipeFirst);
    }

    private static ImmutableArray<DiskVerdict> Verdicts(
        NodeLocalStorageSpec spec, NodeScan scan, VolumeGroup? seen, NodeLocalStorageStatus? reported)
    {
        var verdicts = new List<DiskVerdict>();
        var extentSize = seen?.ExtentSize ?? spec.VolumeGroup.ExtentSize;
        foreach (var disk in scan.Disks)
        {
            var known = spec.Disks.NameOf(disk) is { } name ? KnownId(reported, name) ?? OrderedId(spec, reported, name) : null;
            var verdict = DiskVerdict.On(disk, spec.Disks, spec.VolumeGroup.Name, extentSize, known);
            if (verdict.State == DiskState.InGroup && spec.Disks.NameOf(disk) is null
                && FormerPath(disk, spec, scan, reported) is { } former)
            {
                verdict = verdict with { Path = former };
            }

            if (verdict.State == DiskState.Usable && TwinOf(disk, scan) is { } twin)
            {
                verdict = verdict.RefusedFor($"It has the same identity {disk.Id} as {twin.Path}: they may be two paths to one disk.");
            }

            if (verdict.State != DiskState.NotChosen)
            {
                verdicts.Add(verdict);
            }
        }

        foreach (var path in spec.Disks.Paths.Where(
            path => IsEmpty(path, scan) && verdicts.TrueForAll(verdict => verdict.Path != path)))
        {
            verdicts.Add(DiskVerdict.OnMissing(path, KnownId(reported, path)));
        }

        return [.. verdicts.OrderBy(verdict => verdict.Path)];
    }

    // The path by which the spec still names a disk of the group that has come back under another name.
    private static DevicePath? FormerPath(ObservedDisk disk, NodeLocalStorageSpec spec, NodeScan scan, NodeLocalStorageStatus? reported)
    {
        foreach (var path in spec.Disks.Paths)
        {
            if (disk.Id is { } id && KnownId(reported, path) == id && IsEmpty(path, scan))
            {
                return path;
            }
        }

        return null;
    }

    private static bool IsEmpty(DevicePath path, NodeScan scan) => !scan.Disks.Any(disk => disk.IsAt(path));

    private static ObservedDisk? TwinOf(ObservedDisk disk, NodeScan scan) =>
        scan.Disks.FirstOrDefault(other => other.Path != disk.Path && other.Id == disk.Id);

    // Only what was once in the group binds a path to a disk: a disk that was merely refused may be replaced freely.
    private static DiskId? KnownId(NodeLocalStorageStatus? reported, DevicePath path) => reported?.Disks.FirstOrDefault(
        disk => disk.Path == path && disk.State is (DiskState.InGroup or DiskState.Replaced or DiskState.Missing))?.Id;

    // Unless it is to be wiped: the order means the disk that was there when it was given, and not the one to which the kernel has given
    // that name since.
    private static DiskId? OrderedId(NodeLocalStorageSpec spec, NodeLocalStorageStatus? reported, DevicePath path) =>
        path.IsIdentity || !spec.Disks.WipeSignaturesOf.Contains(path) ? null
        : reported?.Disks.FirstOrDefault(disk => disk.Path == path)?.Id;
}
