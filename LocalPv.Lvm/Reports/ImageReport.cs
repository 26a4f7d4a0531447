using System.Collections.Immutable;
using System.Text.Json;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Lvm.Reports;

/// <summary>The report that says on which disks the images of mirrored volumes lie.</summary>
internal static class ImageReport
{
    /// <summary>The arguments that make the report, before the name of the group.</summary>
    internal static ImmutableArray<string> Arguments { get; } =
        ["lvs", "--all", "--segments", "--reportformat", "json", "-o", "lv_name,seg_start_pe,devices"];

    /// <summary>The disk on which each image of a volume ends; throws where it is no such report, or has no images of the volume.</summary>
    internal static ImmutableArray<DevicePath> EndsOf(string json, LogicalVolumeName volume)
    {
        var parts = (JsonTree.Parse(json) as JsonMap)?.List("report") ?? throw new JsonException("The report has no 'report'.");
        var rows = parts.Maps().SelectMany(part => part.List("lv")?.Maps() ?? part.List("seg")?.Maps() ?? []);
        var ends = new SortedDictionary<long, (long Start, DevicePath Disk)>();
        foreach (var row in rows)
        {
            // Hidden volumes come in brackets.
            var name = LvmReport.Text(row, "lv_name").Trim('[', ']');
            var prefix = volume.Value + "_rimage_";
            if (name.StartsWith(prefix, StringComparison.Ordinal)
                && long.TryParse(name.AsSpan(prefix.Length), System.Globalization.CultureInfo.InvariantCulture, out var image))
            {
                var start = LvmReport.Number(row, "seg_start_pe");
                var disk = DevicePath.Parse(LvmReport.Text(row, "devices").Split('(')[0]);
                if (!ends.TryGetValue(image, out var end) || end.Start <= start)
                {
                    ends[image] = (start, disk);
                }
            }
        }

        return ends.Count > 0
            ? [.. ends.Values.Select(end => end.Disk).Distinct()]
            : throw new FormatException($"There are no images of {volume}.");
    }
}
