using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;
using LocalPv.Lvm.Commands;

namespace LocalPv.Lvm.Reports;

/// <summary>The report of <c>lvm fullreport</c>: all volume groups with their disks and volumes, as of one moment for each group.</summary>
internal static class LvmReport
{
    /// <summary>The arguments that make the report which <see cref="Read"/> reads: sizes in bytes, no headings.</summary>
    internal static ImmutableArray<string> Arguments { get; } =
    [
        "fullreport", "--reportformat", "json", "--units", "b", "--nosuffix",
        "--configreport", "vg", "-o", "vg_name,vg_uuid,vg_extent_size,vg_extent_count,vg_tags",
        "--configreport", "pv", "-o", "pv_name,pv_uuid,pv_pe_count,pv_pe_alloc_count,pv_missing,pv_allocatable",
        "--configreport", "lv",
        "-o", "lv_name,lv_uuid,lv_size,lv_tags,lv_active,lv_attr,lv_device_open,pool_lv,origin,data_percent,metadata_percent",
        "--configreport", "seg", "-o", "lv_name,segtype,stripes,zero",
        "--configreport", "pvseg", "-o", "pvseg_start",
    ];

    /// <summary>The setting with which a report leaves out what is locked instead of waiting for it.</summary>
    internal const string WaitForNoLock = "global{wait_for_locks=0}";

    /// <summary>
    /// The argument with which a report asks for no lock. What it says is whole all the same: LVM writes new metadata beside the old, and
    /// then the pointer to it.
    /// </summary>
    internal const string WithoutLocks = "--nolocking";

    /// <summary>
    /// Whether a report that waits for no lock was kept out by one, and of which groups: none where it is the lock that commands hold
    /// which make or grow groups. That says nothing of any group's volumes.
    /// </summary>
    internal static bool IsKeptOut(CommandResult result, out ImmutableArray<string> locked)
    {
        locked = [];
        if (result.End != CommandEnd.Exited || result.ExitCode == 0)
        {
            return false;
        }

        const string start = "Can't get lock for ";
        var lines = result.Errors.Split('\n', StringSplitOptions.TrimEntries);
        locked =
        [
            .. lines.Where(line => line.StartsWith(start, StringComparison.Ordinal)).Select(line => line[start.Length..].TrimEnd('.')),
        ];
        return !locked.IsEmpty || lines.Any(line => line.Contains("P_global: flock failed", StringComparison.Ordinal));
    }

    /// <summary>Reads the groups; throws <see cref="JsonException"/> or <see cref="FormatException"/> where it is no such report.</summary>
    internal static ImmutableArray<ReportedGroup> Read(string json)
    {
        var reports = (JsonTree.Parse(json) as JsonMap)?.List("report") ?? throw new JsonException("The report has no 'report'.");
        return [.. reports.Maps().Select(ReadGroup).OfType<ReportedGroup>().OrderBy(group => group.Group.Name)];
    }

    // Disks in no group come in a part without a group.
    private static ReportedGroup? ReadGroup(JsonMap part)
    {
        if (part.List("vg")?.Maps().FirstOrDefault() is not { } vg)
        {
            return null;
        }

        var extentSize = ExtentSize.From(new Bytes(Number(vg, "vg_extent_size")));
        var disks = Rows(part, "pv").Select(ReadDisk).OrderBy(disk => disk.Missing).ThenBy(disk => disk.Path).ToImmutableArray();
        var segments = Rows(part, "seg").ToLookup(row => Text(row, "lv_name"));
        var layouts = segments.ToDictionary(rows => rows.Key, ReadLayout);
        var rows = Rows(part, "lv").ToArray();
        var volumes = rows
            .Where(row => !Text(row, "lv_attr").StartsWith('t') && !PoolReport.IsPart(row))
            .Select(row => ReadVolume(row, extentSize, layouts))
            .OfType<LogicalVolume>()
            .OrderBy(volume => volume.Name)
            .ToImmutableArray();
        var free = new ExtentCount(disks.Where(disk => !disk.Missing).Sum(disk => disk.FreeExtents.Value));
        var pool = PoolReport.Read(rows, segments, extentSize, free);
        var group = new VolumeGroup(
            VolumeGroupName.Parse(Text(vg, "vg_name")),
            Text(vg, "vg_uuid"),
            extentSize,
            new ExtentCount(Number(vg, "vg_extent_count")),
            free,
            disks,
            volumes)
        {
            Tags = Tags(Text(vg, "vg_tags")),
            ThinPool = pool?.Pool,
        };
        var open = rows.Where(row => Text(row, "lv_device_open") == "open").Select(row => Text(row, "lv_name"));
        return new ReportedGroup(group, [.. open.Order(StringComparer.Ordinal)], rows.Any(row => !PoolReport.IsPart(row)), pool)
        {
            Snapshots = SnapshotsIn(rows),
            Unhealthy = [.. rows.Where(IsUnhealthy).Select(row => Text(row, "lv_name")).Order(StringComparer.Ordinal)],
        };
    }

    private static PhysicalVolume ReadDisk(JsonMap row)
    {
        var missing = Text(row, "pv_missing").Length > 0;
        var extents = Number(row, "pv_pe_count");

        // LVM makes nothing on a disk that somebody is emptying (pvchange -xn), whatever is free on it.
        var closed = row.Text("pv_allocatable") is "";
        return new PhysicalVolume(
            Text(row, "pv_uuid"),
            !missing && DevicePath.TryParse(Text(row, "pv_name"), out var path) ? path : null,
            missing,
            new ExtentCount(extents),
            new ExtentCount(closed ? 0 : extents - Number(row, "pv_pe_alloc_count")));
    }

    // A name that we could not give is not one of ours; it takes part in the group's free space all the same.
    private static LogicalVolume? ReadVolume(JsonMap row, ExtentSize extentSize, Dictionary<string, Layout> layouts)
    {
        if (!LogicalVolumeName.TryParse(Text(row, "lv_name"), out var name))
        {
            return null;
        }

        var size = new Bytes(Number(row, "lv_size"));
        var attributes = Text(row, "lv_attr");
        return new LogicalVolume(
            name,
            Text(row, "lv_uuid"),
            extentSize.ExtentsToHold(size),
            size,
            Tags(Text(row, "lv_tags")),
            layouts.GetValueOrDefault(name.Value, Layout.Linear),
            Text(row, "lv_active") == "active")
        {
            Partial = attributes.Length > 8 && attributes[8] == 'p',
        };
    }

    // A thin snapshot of a thin volume does not need that volume. One that is being merged into its volume is hidden.
    private static ILookup<string, string> SnapshotsIn(JsonMap[] rows)
    {
        var thin = rows.Where(row => Text(row, "lv_attr").StartsWith('V')).Select(row => Text(row, "lv_name")).ToHashSet();
        return rows.Where(row => row.Text("origin") is { Length: > 0 } origin
                && !(thin.Contains(origin) && thin.Contains(Text(row, "lv_name"))))
            .Select(row => (Of: row.Text("origin")!, Name: Text(row, "lv_name")))
            .Concat(rows.Where(row => Text(row, "lv_attr").StartsWith('O'))
                .Select(row => (Of: Text(row, "lv_name"), Name: "one that is being merged into it")))
            .ToLookup(snapshot => snapshot.Of, snapshot => snapshot.Name);
    }

    // lvs(8), lv_attr: the ninth character of a mirrored volume tells of an image that takes no part (r, p) or of something unknown; m only
    // counts differences that a check found.
    private static bool IsUnhealthy(JsonMap row) =>
        Text(row, "lv_attr") is { Length: > 8 } attributes && attributes[0] is 'r' or 'R' && attributes[8] is not ('-' or 'm');

    private static Layout ReadLayout(IEnumerable<JsonMap> segments)
    {
        var first = segments.First();
        var stripes = (int)Number(first, "stripes");
        return Text(first, "segtype") switch
        {
            "striped" when stripes > 1 => new Layout(LayoutType.Striped, Stripes: stripes),
            "raid1" or "mirror" => new Layout(LayoutType.Raid1, Mirrors: stripes - 1),
            "thin" => new Layout(LayoutType.Thin),
            _ => Layout.Linear,
        };
    }

    internal static ImmutableArray<LvmTag> Tags(string text) =>
        [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(LvmTag.Parse).Order()];

    private static IEnumerable<JsonMap> Rows(JsonMap part, string kind) => part.List(kind)?.Maps() ?? [];

    internal static string Text(JsonMap row, string key) =>
        row.Text(key) ?? throw new JsonException($"A row of the report has no text '{key}': {row}");

    internal static long Number(JsonMap row, string key) =>
        long.TryParse(Text(row, key), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new FormatException($"'{key}' is not a whole number: {row}");
}

/// <summary>A group of a report.</summary>
/// <param name="Group">The group.</param>
/// <param name="OpenVolumes">The names of those volumes whose device something has open.</param>
/// <param name="HasVolumes">Whether it holds anything besides our thin pool.</param>
/// <param name="Pool">Our thin pool, or what there is of it; null where there is nothing.</param>
internal sealed record ReportedGroup(VolumeGroup Group, ImmutableArray<string> OpenVolumes, bool HasVolumes, PoolReport? Pool)
{
    /// <summary>
    /// Whether a command that does not end keeps others out of it: what is said of it may be from before that command or after.
    /// </summary>
    internal bool IsLocked { get; init; }

    /// <summary>The snapshots that live only as long as the volume that they are of, by its name: LVM removes them with it.</summary>
    internal ILookup<string, string> Snapshots { get; init; } = Array.Empty<string>().ToLookup(name => name);

    /// <summary>
    /// The names of mirrored volumes an image of which no longer gets what is written, though its disk may be there: it keeps what it had.
    /// </summary>
    internal ImmutableArray<string> Unhealthy { get; init; } = [];
}
