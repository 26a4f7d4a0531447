using System.Collections.Immutable;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Rest.Tables;

/// <summary>The columns of the built-in kinds, as kubectl users know them (<c>pkg/printers/internalversion</c>).</summary>
public static class BuiltInColumns
{
    /// <summary>The columns of a type; name and time of creation for those that have none of their own.</summary>
    public static ImmutableArray<TableColumn> Of(ResourceType type) => (type.Group, type.Plural) switch
    {
        ("", "pods") => PodColumns.All,
        ("", "nodes") => NodeColumns.All,
        ("", "persistentvolumeclaims") => VolumeColumns.Claims,
        ("", "persistentvolumes") => VolumeColumns.Volumes,
        ("", "namespaces") => [TableColumn.ForName, TableColumn.Of("Status", "The status of the namespace", "status", "phase"),
            TableColumn.ForAge],
        ("" or "events.k8s.io", "events") => EventColumns.All,
        ("", "configmaps") => [TableColumn.ForName, Count("Data", "Number of data entries", "data"), TableColumn.ForAge],
        ("", "secrets") =>
            [TableColumn.ForName, TableColumn.Of("Type", "The type of the secret", "type"),
                Count("Data", "Number of data entries", "data"), TableColumn.ForAge],
        ("", "serviceaccounts") => [TableColumn.ForName, Count("Secrets", "Number of secrets", "secrets"), TableColumn.ForAge],
        ("", "services") => ServiceColumns,
        ("apps", "statefulsets") => WorkloadColumns.StatefulSets,
        ("apps", "daemonsets") => WorkloadColumns.DaemonSets,
        ("apps", "deployments") => WorkloadColumns.Deployments,
        ("storage.k8s.io", "storageclasses") => VolumeColumns.Classes,
        ("storage.k8s.io", "csistoragecapacities") =>
        [
            TableColumn.ForName,
            TableColumn.Of("StorageClassName", "The name of the StorageClass that the reported capacity applies to", "storageClassName"),
            TableColumn.Of("Capacity", "The value reported by the CSI driver", "capacity"),
        ],
        ("storage.k8s.io", "csidrivers") => DriverColumns,
        ("coordination.k8s.io", "leases") =>
            [TableColumn.ForName, TableColumn.Of("Holder", "The holder of the lease", "spec", "holderIdentity"), TableColumn.ForAge],
        _ => [TableColumn.ForName, CreatedAt],
    };

    private static TableColumn CreatedAt { get; } = TableColumn.Of("Created At", "When the object was made", "metadata",
        "creationTimestamp") with
    {
        Type = "date",
    };

    private static ImmutableArray<TableColumn> ServiceColumns { get; } =
    [
        TableColumn.ForName,
        TableColumn.Of("Type", "How the service is exposed", item => item.At("spec", "type") ?? "ClusterIP"),
        TableColumn.Of("Cluster-IP", "The address inside the cluster", item => item.At("spec", "clusterIP") ?? "<none>"),
        TableColumn.Of("External-IP", "Addresses from outside", _ => "<none>"),
        TableColumn.Of("Port(s)", "The ports of the service", item => Ports(item.Map("spec")?.List("ports"))),
        TableColumn.ForAge,
        TableColumn.Of("Selector", "Which Pods serve", item => Cells.KeyValues(item.Map("spec")?.Map("selector"))).Wide(),
    ];

    private static ImmutableArray<TableColumn> DriverColumns { get; } =
    [
        TableColumn.ForName,
        TableColumn.Of("AttachRequired", "Whether volumes must be attached", item =>
            item.At("spec", "attachRequired") ?? JsonBoolean.True) with { Type = "boolean" },
        TableColumn.Of("PodInfoOnMount", "Whether the driver is told of the Pod", item =>
            item.At("spec", "podInfoOnMount") ?? JsonBoolean.False) with { Type = "boolean" },
        TableColumn.Of("StorageCapacity", "Whether the scheduler considers capacity objects", item =>
            item.At("spec", "storageCapacity") ?? JsonBoolean.False) with { Type = "boolean" },
        TableColumn.Of("TokenRequests", "Audiences of tokens that the driver asks for", _ => "<unset>"),
        TableColumn.Of("RequiresRepublish", "Whether volumes are published again from time to time", item =>
            item.At("spec", "requiresRepublish") ?? JsonBoolean.False) with { Type = "boolean" },
        TableColumn.Of("Modes", "Kinds of volumes", item =>
            string.Join(',', item.Map("spec")?.List("volumeLifecycleModes")?.Texts() ?? ["Persistent"])),
        TableColumn.ForAge,
    ];

    private static TableColumn Count(string name, string description, string key) =>
        TableColumn.Of(name, description, item => item[key] switch
        {
            JsonMap map => (long)map.Count,
            JsonList list => (long)list.Count,
            _ => 0L,
        }) with
        {
            Type = "string",
        };

    private static string Ports(JsonList? ports) => ports is null || ports.Count == 0
        ? "<none>"
        : string.Join(',', ports.Maps().Select(port => $"{port.Number("port")}/{port.Text("protocol") ?? "TCP"}"));
}
