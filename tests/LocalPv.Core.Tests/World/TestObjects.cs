using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Core.Tests.World;

/// <summary>The objects that the agents' tests put into a cluster.</summary>
internal static class TestObjects
{
    /// <summary>Serves NodeLocalStorages and makes our namespace.</summary>
    internal static void Install(FakeApiServer server, Instant now)
    {
        server.Seed(now, ResourceTypes.CustomResourceDefinitions, Definition());
        server.Seed(now, ResourceTypes.Namespaces, JsonMap.Of(("metadata", JsonMap.Of(("name", "localpv-system")))));
    }

    internal static JsonMap Class(string name, string parameters, string reclaimPolicy = "Delete", bool expandable = true) => JsonMap.Of(
        ("metadata", JsonMap.Of(("name", name))),
        ("provisioner", WellKnown.DefaultProvisioner),
        ("volumeBindingMode", "WaitForFirstConsumer"),
        ("reclaimPolicy", reclaimPolicy),
        ("allowVolumeExpansion", expandable),
        ("parameters", JsonMap.Of((WellKnown.StorageParameter, parameters))));

    internal static JsonMap Claim(string name, string size, string? node, string className) => JsonMap.Of(
        ("metadata", JsonMap.Of(
            ("name", name),
            ("namespace", "default"),
            ("annotations", node is null ? null : JsonMap.Of(
                (WellKnown.SelectedNodeAnnotation, node),
                (WellKnown.StorageProvisionerAnnotation, WellKnown.DefaultProvisioner))))),
        ("spec", JsonMap.Of(
            ("storageClassName", className),
            ("accessModes", JsonList.Of("ReadWriteOnce")),
            ("resources", JsonMap.Of(("requests", JsonMap.Of(("storage", size))))))));

    private static JsonMap Definition() => JsonMap.Of(
        ("metadata", JsonMap.Of(("name", "nodelocalstorages.localpv.io"))),
        ("spec", JsonMap.Of(
            ("group", "localpv.io"),
            ("scope", "Cluster"),
            ("names", JsonMap.Of(("plural", "nodelocalstorages"), ("kind", "NodeLocalStorage"))),
            ("versions", JsonList.Of(JsonMap.Of(
                ("name", "v1alpha1"),
                ("served", true),
                ("storage", true),
                ("subresources", JsonMap.Of(("status", JsonMap.Empty))),
                ("schema", JsonMap.Of(("openAPIV3Schema", JsonMap.Of(
                    ("type", "object"), ("x-kubernetes-preserve-unknown-fields", true)))))))))));
}
