using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Sim.World;

/// <summary>
/// The definition of NodeLocalStorage as far as the simulator needs it: scope, version, status subresource. The schema of the deployed one
/// is checked elsewhere; here everything is kept as it is written.
/// </summary>
internal static class NodeLocalStorageDefinition
{
    internal static JsonMap Tree()
    {
        var type = ResourceTypes.NodeLocalStorages;
        var schema = JsonMap.Of(("type", "object"), ("x-kubernetes-preserve-unknown-fields", true));
        return JsonMap.Of(
            ("apiVersion", ResourceTypes.CustomResourceDefinitions.ApiVersion),
            ("kind", ResourceTypes.CustomResourceDefinitions.Kind),
            ("metadata", JsonMap.Of(("name", type.GroupResource))),
            ("spec", JsonMap.Of(
                ("group", type.Group),
                ("scope", "Cluster"),
                ("names", JsonMap.Of(
                    ("plural", type.Plural), ("singular", "nodelocalstorage"), ("kind", type.Kind), ("listKind", type.Kind + "List"))),
                ("versions", JsonList.Of(JsonMap.Of(
                    ("name", type.Version),
                    ("served", true),
                    ("storage", true),
                    ("schema", JsonMap.Of(("openAPIV3Schema", schema))),
                    ("subresources", JsonMap.Of(("status", JsonMap.Empty)))))))));
    }
}
