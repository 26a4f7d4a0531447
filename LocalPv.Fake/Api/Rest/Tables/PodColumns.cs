using System.Collections.Immutable;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Rest.Tables;

/// <summary>The columns of Pods.</summary>
internal static class PodColumns
{
    public static ImmutableArray<TableColumn> All { get; } =
    [
        TableColumn.ForName,
        TableColumn.Of("Ready", "How many containers are ready", Ready),
        TableColumn.Of("Status", "What the Pod is doing", Status),
        TableColumn.Of("Restarts", "How often containers were started again", item =>
            Text(Containers(item).Sum(container => container.Number("restartCount") ?? 0))),
        TableColumn.ForAge,
        TableColumn.Of("IP", "The Pod's address", item => Cells.Or(item.At("status", "podIP"), "<none>")).Wide(),
        TableColumn.Of("Node", "Where the Pod runs", item => Cells.Or(item.At("spec", "nodeName"), "<none>")).Wide(),
        TableColumn.Of("Nominated Node", "Where the Pod is to run", item =>
            Cells.Or(item.At("status", "nominatedNodeName"), "<none>")).Wide(),
        TableColumn.Of("Readiness Gates", "Conditions beside the containers'", _ => "<none>").Wide(),
    ];

    private static IEnumerable<JsonMap> Containers(JsonMap item) => item.Map("status")?.List("containerStatuses")?.Maps() ?? [];

    private static JsonTree Ready(JsonMap item)
    {
        var all = item.Map("spec")?.List("containers")?.Count ?? 0;
        return Text(Containers(item).Count(container => container.Boolean("ready") == true)) + "/" + Text(all);
    }

    private static JsonTree Status(JsonMap item)
    {
        if (item.At("metadata", "deletionTimestamp") is not null)
        {
            return item.At("status", "reason") is JsonText { Value: "NodeLost" } ? "Unknown" : "Terminating";
        }

        foreach (var container in Containers(item).Reverse())
        {
            if (container.At("state", "waiting", "reason") is JsonText { Value.Length: > 0 } waiting)
            {
                return waiting;
            }

            if (container.At("state", "terminated", "reason") is JsonText { Value.Length: > 0 } ended)
            {
                return ended;
            }
        }

        return Cells.Or(item.At("status", "reason"), Cells.Or(item.At("status", "phase"), "Unknown"));
    }

    private static string Text(long number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
