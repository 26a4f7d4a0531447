using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Rest.Documents;

/// <summary>
/// The OpenAPI schema of a kind: a custom kind's is its definition's, as a real server publishes it. Built-in kinds have only the frame
/// that every object has, since this server judges them by rules, not by schema; clients then go by what they know of those kinds
/// themselves.
/// </summary>
internal static class KindSchema
{
    /// <summary>The name of a kind's schema: the group reversed, version, kind.</summary>
    public static string NameOf(ResourceType type, string kind)
    {
        var group = type.Group.Length == 0
            ? "io.k8s.api.core"
            : string.Join('.', type.Group.Split('.').Reverse());
        return $"{group}.{type.Version}.{kind}";
    }

    /// <summary>The schema. <paramref name="declared"/> is the definition's, null for a built-in kind; <paramref name="refer"/> is where
    /// schemas lie.</summary>
    public static JsonMap Of(ResourceType type, JsonMap? declared, string refer)
    {
        var schema = declared ?? Frame(type);
        var properties = (schema.Map("properties") ?? JsonMap.Empty)
            .With("apiVersion", MetaSchemas.ApiVersion)
            .With("kind", MetaSchemas.Kind)
            .With("metadata", MetaSchemas.ReferTo(MetaSchemas.ObjectMeta, refer, "Standard object's metadata."));
        schema = schema.With("type", "object").With("properties", properties);

        // A client that finds a built-in kind's schema merges by it; without one, it merges by what it knows itself.
        return declared is null ? schema : schema.With(GroupVersionKindKey,
            JsonList.Of(GroupVersionKind(type, type.Kind)));
    }

    /// <summary>The schema of a list of the kind.</summary>
    public static JsonMap OfList(ResourceType type, string listKind, string refer) => MetaSchemas.Record(
        $"{listKind} is a list of {type.Kind}",
        ("apiVersion", MetaSchemas.ApiVersion),
        ("items", MetaSchemas.Typed("array", "The items.").With("items", JsonMap.Of(("$ref", refer + NameOf(type, type.Kind))))),
        ("kind", MetaSchemas.Kind),
        ("metadata", MetaSchemas.ReferTo(MetaSchemas.ListMeta, refer, "Standard list metadata.")))
        .With("required", JsonList.Of("items"))
        .With(GroupVersionKindKey, JsonList.Of(GroupVersionKind(type, listKind)));

    /// <summary>The key of the extension that says which kind a schema or operation is about.</summary>
    public const string GroupVersionKindKey = "x-kubernetes-group-version-kind";

    /// <summary>The extension's value.</summary>
    public static JsonMap GroupVersionKind(ResourceType type, string kind) =>
        JsonMap.Of(("group", type.Group), ("kind", kind), ("version", type.Version));

    private static JsonMap Frame(ResourceType type)
    {
        var description = $"{type.Kind} of the API group \"{type.Group}\". This server keeps its fields as they are given.";
        return MetaSchemas.Typed("object", description).With("x-kubernetes-preserve-unknown-fields", JsonBoolean.True);
    }
}
