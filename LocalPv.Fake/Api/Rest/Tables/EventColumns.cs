using System.Collections.Immutable;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Rest.Tables;

/// <summary>The columns of Events.</summary>
internal static class EventColumns
{
    public static ImmutableArray<TableColumn> All { get; } =
    [
        new("Last Seen", (item, now) => HumanDuration.Since(now, LastSeen(item))) { Description = "When it last happened" },
        TableColumn.Of("Type", "Normal or Warning", "type"),
        TableColumn.Of("Reason", "Why, in one word", "reason"),
        TableColumn.Of("Object", "What it is about", About),
        TableColumn.Of("Subobject", "The part of it", item =>
            (item.Map("involvedObject") ?? item.Map("regarding"))?["fieldPath"] ?? "").Wide(),
        TableColumn.Of("Source", "Who says so", Source).Wide(),
        TableColumn.Of("Message", "What happened", item => Cells.Or(item["message"] ?? item["note"], "").Trim()),
        new("First Seen", (item, now) =>
            HumanDuration.Since(now, FirstSeen(item))) { Description = "When it first happened", Priority = 1 },
        TableColumn.Of("Count", "How often", item => item.Map("series")?.Number("count") ?? Math.Max(1, item.Number("count") ?? 0)).Wide(),
        TableColumn.ForName with { Priority = 1 },
    ];

    private static string? FirstSeen(JsonMap item) =>
        item.Text("firstTimestamp") ?? item.Text("deprecatedFirstTimestamp") ?? item.Text("eventTime");

    private static string? LastSeen(JsonMap item) => item.Map("series")?.Text("lastObservedTime")
        ?? item.Text("lastTimestamp") ?? item.Text("deprecatedLastTimestamp") ?? FirstSeen(item);

    private static JsonTree About(JsonMap item)
    {
        var about = item.Map("involvedObject") ?? item.Map("regarding") ?? JsonMap.Empty;
        return (about.Text("kind") ?? "").ToLowerInvariant() + "/" + about.Text("name");
    }

    private static JsonTree Source(JsonMap item)
    {
        var source = item.Map("source") ?? item.Map("deprecatedSource") ?? JsonMap.Empty;
        var component = source.Text("component") ?? item.Text("reportingComponent") ?? item.Text("reportingController") ?? "";
        return source.Text("host") is { Length: > 0 } host ? component + ", " + host : component;
    }
}
