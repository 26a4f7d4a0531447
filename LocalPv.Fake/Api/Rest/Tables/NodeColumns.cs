using System.Collections.Immutable;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Rest.Tables;

/// <summary>The columns of nodes.</summary>
internal static class NodeColumns
{
    private const string RolePrefix = "node-role.kubernetes.io/";

    public static ImmutableArray<TableColumn> All { get; } =
    [
        TableColumn.ForName,
        TableColumn.Of("Status", "The status of the node", Status),
        TableColumn.Of("Roles", "The roles of the node", Roles),
        TableColumn.ForAge,
        TableColumn.Of("Version", "The version of the node's kubelet", item =>
            Cells.Or(item.At("status", "nodeInfo", "kubeletVersion"), "")),
        TableColumn.Of("Internal-IP", "The address inside the cluster", item => Address(item, "InternalIP")).Wide(),
        TableColumn.Of("External-IP", "The address from outside", item => Address(item, "ExternalIP")).Wide(),
        TableColumn.Of("OS-Image", "The operating system", item => Cells.Or(item.At("status", "nodeInfo", "osImage"), "<unknown>")).Wide(),
        TableColumn.Of("Kernel-Version", "The kernel", item =>
            Cells.Or(item.At("status", "nodeInfo", "kernelVersion"), "<unknown>")).Wide(),
        TableColumn.Of(
            "Container-Runtime", "What runs containers", item =>
                Cells.Or(item.At("status", "nodeInfo", "containerRuntimeVersion"), "<unknown>")).Wide(),
    ];

    private static JsonTree Status(JsonMap item)
    {
        var ready = Cells.Condition(item, "Ready") switch
        {
            "True" => "Ready",
            "" => "Unknown",
            _ => "NotReady",
        };
        return item.Map("spec")?.Boolean("unschedulable") == true ? ready + ",SchedulingDisabled" : ready;
    }

    private static JsonTree Roles(JsonMap item)
    {
        var labels = item.Map("metadata")?.Map("labels") ?? JsonMap.Empty;
        var roles = labels.Keys.Where(key => key.StartsWith(RolePrefix, StringComparison.Ordinal)).Select(key =>
            key[RolePrefix.Length..]).ToList();
        return roles.Count == 0 ? "<none>" : string.Join(',', roles);
    }

    private static JsonTree Address(JsonMap item, string type) =>
        item.Map("status")?.List("addresses")?.Maps().FirstOrDefault(address => address.Text("type") == type)?["address"] ?? "<none>";
}
