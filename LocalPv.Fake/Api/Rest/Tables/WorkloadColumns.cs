using System.Collections.Immutable;
using System.Globalization;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Rest.Tables;

/// <summary>The columns of what makes Pods.</summary>
internal static class WorkloadColumns
{
    private static readonly TableColumn Containers =
        TableColumn.Of("Containers", "The names of the containers", item => Template(item, "name")).Wide();

    private static readonly TableColumn Images = TableColumn.Of("Images", "The images of the containers", item =>
        Template(item, "image")).Wide();

    private static readonly TableColumn Ready = TableColumn.Of("Ready", "Ready Pods of those wished for", ReadyOfWished);

    public static ImmutableArray<TableColumn> StatefulSets { get; } = [TableColumn.ForName, Ready, TableColumn.ForAge, Containers,
        Images];

    public static ImmutableArray<TableColumn> Deployments { get; } =
    [
        TableColumn.ForName, Ready, Count("Up-to-date", "updatedReplicas"), Count("Available", "availableReplicas"), TableColumn.ForAge,
            Containers,
        Images,
    ];

    public static ImmutableArray<TableColumn> DaemonSets { get; } =
    [
        TableColumn.ForName, Count("Desired", "desiredNumberScheduled"), Count("Current", "currentNumberScheduled"),
            Count("Ready", "numberReady"),
        Count("Up-to-date", "updatedNumberScheduled"), Count("Available", "numberAvailable"), TableColumn.ForAge, Containers, Images,
    ];

    private static TableColumn Count(string name, string key) =>
        TableColumn.Of(name, "A number of Pods", item => item.Map("status")?.Number(key) ?? 0) with { Type = "integer" };

    private static JsonTree ReadyOfWished(JsonMap item) => string.Create(
        CultureInfo.InvariantCulture, $"{item.Map("status")?.Number("readyReplicas") ?? 0}/{item.Map("spec")?.Number("replicas") ?? 1}");

    private static JsonTree Template(JsonMap item, string key) => string.Join(
        ',', (item.At("spec", "template", "spec", "containers") as JsonList)?.Maps().Select(container => container.Text(key) ?? "") ?? []);
}
