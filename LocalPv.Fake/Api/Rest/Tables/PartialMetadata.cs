using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Rest.Tables;

/// <summary>Objects without their content.</summary>
public static class PartialMetadata
{
    /// <summary>One object's metadata.</summary>
    public static JsonMap Of(JsonMap item, string version) => JsonMap.Of(
        ("kind", "PartialObjectMetadata"),
        ("apiVersion", "meta.k8s.io/" + version),
        ("metadata", item["metadata"] ?? JsonMap.Empty));

    /// <summary>The metadata of a list's items.</summary>
    public static JsonMap OfList(JsonMap metadata, IEnumerable<JsonMap> items, string version) => JsonMap.Of(
        ("kind", "PartialObjectMetadataList"),
        ("apiVersion", "meta.k8s.io/" + version),
        ("metadata", metadata),
        ("items", new JsonList([.. items.Select(item => (JsonTree)Of(item, version))])));
}
