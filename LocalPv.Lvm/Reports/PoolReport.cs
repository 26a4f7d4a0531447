using System.Globalization;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Lvm.Reports;

/// <summary>
/// Our thin pool in a report. It is made in three commands (metadata, data, conversion), since lvm2 2.03.16 fails to make one in a single
/// command where little is free; so a crash may leave parts of it, which count as the pool that they will become.
/// </summary>
/// <param name="Pool">The pool as it is, or will be.</param>
/// <param name="IsMade">Whether it is a pool already.</param>
/// <param name="HasMetadata">Whether the part for metadata is there.</param>
/// <param name="HasData">Whether the part for data is there.</param>
/// <param name="Zeroes">Whether it clears space before it gives it to a volume.</param>
internal sealed record PoolReport(ThinPool Pool, bool IsMade, bool HasMetadata, bool HasData, bool Zeroes)
{
    /// <summary>How a pool that is not made yet will divide its space; nothing for one that is made.</summary>
    internal ThinPoolSize Plan { get; private init; }

    /// <summary>The name of the pool, and of its part for data before it is one.</summary>
    internal static LogicalVolumeName Name { get; } = LogicalVolumeName.Parse("localpv-thin");

    /// <summary>The name of the part for metadata before it is one.</summary>
    internal static LogicalVolumeName MetadataName { get; } = LogicalVolumeName.Parse("localpv-thin-meta");

    /// <summary>
    /// Whether a row of a report is our pool or a part of it. Somebody else's volume of that name is not: it lacks our tag. A pool loses
    /// its tags to its hidden parts when it is converted, so that its name has to do.
    /// </summary>
    internal static bool IsPart(JsonMap row)
    {
        var name = LvmReport.Text(row, "lv_name");
        return (name == Name.Value && LvmReport.Text(row, "lv_attr").StartsWith('t'))
            || ((name == Name.Value || name == MetadataName.Value)
                && LvmReport.Tags(LvmReport.Text(row, "lv_tags")).Any(tag => tag.Value == WellKnown.OurTag));
    }

    internal static PoolReport? Read(JsonMap[] rows, ILookup<string, JsonMap> segments, ExtentSize extentSize, ExtentCount free)
    {
        var parts = rows.Where(IsPart).ToArray();
        if (parts.Length == 0)
        {
            return null;
        }

        var main = parts.FirstOrDefault(row => LvmReport.Text(row, "lv_name") == Name.Value);
        var metadata = parts.FirstOrDefault(row => LvmReport.Text(row, "lv_name") == MetadataName.Value);
        if (main is not null && LvmReport.Text(main, "lv_attr").StartsWith('t'))
        {
            var promised = rows.Where(row => LvmReport.Text(row, "pool_lv") == Name.Value).Sum(row => SizeOf(row, extentSize).Value);
            var full = Math.Max(Percent(main, "data_percent"), Percent(main, "metadata_percent"));
            var zeroes = segments[Name.Value].Any(row => row.Text("zero") == "zero");
            var pool = new ThinPool(SizeOf(main, extentSize), new ExtentCount(promised)) { FullPercent = full };
            return new PoolReport(pool, IsMade: true, HasMetadata: true, HasData: true, zeroes);
        }

        var all = new ExtentCount(free.Value + parts.Sum(row => SizeOf(row, extentSize).Value));
        var size = ThinPoolSize.In(all, extentSize);
        var forMetadata = metadata is null ? size.Metadata : SizeOf(metadata, extentSize);
        var data = main is null ? all.SubtractToZero(forMetadata + forMetadata) : SizeOf(main, extentSize);
        return new PoolReport(
            new ThinPool(data, ExtentCount.Zero), IsMade: false, metadata is not null, main is not null, Zeroes: true)
        {
            Plan = size with { Data = data, Metadata = forMetadata },
        };
    }

    private static ExtentCount SizeOf(JsonMap row, ExtentSize extentSize) =>
        extentSize.ExtentsToHold(new Bytes(LvmReport.Number(row, "lv_size")));

    // Empty while the pool is not active.
    private static int Percent(JsonMap row, string key) =>
        decimal.TryParse(row.Text(key), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent)
            ? (int)Math.Clamp(percent, 0, 100)
            : 0;
}
