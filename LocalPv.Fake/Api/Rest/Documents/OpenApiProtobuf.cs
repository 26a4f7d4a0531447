using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Rest.Documents;

/// <summary>
/// The second OpenAPI document in the Protocol Buffers form (<c>openapi.v2.Document</c> of gnostic), the only one that kubectl up to 1.28
/// reads.
/// Of schemas it carries what clients explain and merge by: references, types, properties, items, descriptions, extensions.
/// </summary>
internal static class OpenApiProtobuf
{
    /// <summary>What clients ask for.</summary>
    public const string AcceptedType = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

    /// <summary>What they are sent.</summary>
    public const string ContentType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

    /// <summary>The document's bytes.</summary>
    public static byte[] Write(JsonMap document)
    {
        var info = document.Map("info") ?? JsonMap.Empty;
        return new ProtobufWriter()
            .Text(1, document.Text("swagger"))
            .Message(2, new ProtobufWriter().Text(1, info.Text("title")).Text(2, info.Text("version")))
            .Message(8, new ProtobufWriter().Messages(2, Named(document.Map("paths"), PathItem)))
            .Message(9, new ProtobufWriter().Messages(1, Named(document.Map("definitions"), Schema)))
            .ToArray();
    }

    private static IEnumerable<ProtobufWriter> Named(JsonMap? map, Func<JsonMap, ProtobufWriter> write) => (map ?? JsonMap.Empty)
        .Where(entry => entry.Value is JsonMap)
        .Select(entry => new ProtobufWriter().Text(1, entry.Key).Message(2, write((JsonMap)entry.Value)));

    // Anything is written as YAML, of which JSON is a part.
    private static IEnumerable<ProtobufWriter> Extensions(JsonMap map) => map
        .Where(entry => entry.Key.StartsWith("x-", StringComparison.Ordinal))
        .Select(entry => new ProtobufWriter().Text(1, entry.Key).Message(2, new ProtobufWriter().Text(2, entry.Value.ToString())));

    private static ProtobufWriter PathItem(JsonMap item) => new ProtobufWriter()
        .Message(2, Operation(item.Map("get")))
        .Message(3, Operation(item.Map("put")))
        .Message(4, Operation(item.Map("post")))
        .Message(5, Operation(item.Map("delete")))
        .Message(8, Operation(item.Map("patch")));

    private static ProtobufWriter? Operation(JsonMap? operation) => operation is null
        ? null
        : new ProtobufWriter()
            .Texts(7, operation.List("consumes")?.Texts() ?? [])
            .Messages(8, (operation.List("parameters")?.Maps() ?? []).Select(Parameter))
            .Message(9, new ProtobufWriter().Messages(1, Named(operation.Map("responses"), Response)))
            .Messages(13, Extensions(operation));

    private static ProtobufWriter Parameter(JsonMap parameter)
    {
        var query = new ProtobufWriter().Text(2, parameter.Text("in")).Text(4, parameter.Text("name")).Text(6, parameter.Text("type"));
        var outside = new ProtobufWriter().Message(3, query);
        return new ProtobufWriter().Message(1, new ProtobufWriter().Message(2, outside));
    }

    private static ProtobufWriter Response(JsonMap response) =>
        new ProtobufWriter().Message(1, new ProtobufWriter().Text(1, response.Text("description")));

    private static ProtobufWriter Schema(JsonMap schema) => new ProtobufWriter()
        .Text(1, schema.Text("$ref"))
        .Text(2, schema.Text("format"))
        .Text(4, schema.Text("description"))
        .Texts(19, schema.List("required")?.Texts() ?? [])
        .Message(21, schema.Map("additionalProperties") is { } values ? new ProtobufWriter().Message(1, Schema(values)) : null)
        .Message(22, schema.Text("type") is { } type ? new ProtobufWriter().Text(1, type) : null)
        .Message(23, schema.Map("items") is { } items ? new ProtobufWriter().Message(1, Schema(items)) : null)
        .Message(25, schema.Map("properties") is { } properties ? new ProtobufWriter().Messages(1, Named(properties, Schema)) : null)
        .Messages(31, Extensions(schema));
}
