using System.Collections.Immutable;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Fake.Api.Rest.Documents;

/// <summary>The OpenAPI documents: which operations and parameters there are, and the schemas of the kinds.</summary>
/// <param name="schemaOf">The declared schema of a custom kind; null for a built-in one.</param>
public sealed class OpenApiDocuments(Func<KindInfo, JsonMap?> schemaOf)
{
    private const string ThirdReferences = "#/components/schemas/";

    private const string SecondReferences = "#/definitions/";

    private static readonly JsonMap Info = JsonMap.Of(("title", "Kubernetes"), ("version", "v1.36.2"));

    /// <summary><c>/openapi/v3</c>: where the documents of the group versions are. <paramref name="edition"/> changes when they
    /// do.</summary>
    public static JsonMap Index(IEnumerable<ServedGroup> groups, long edition) => JsonMap.Of(("paths", JsonMap.FromDistinct(
        groups.SelectMany(group => group.Versions).Select(version => new KeyValuePair<string, JsonTree>(
            version.Path, JsonMap.Of(("serverRelativeURL", string.Create(
                System.Globalization.CultureInfo.InvariantCulture, $"/openapi/v3/{version.Path}?hash={edition}"))))))));

    /// <summary><c>/openapi/v3/…</c>: one group version.</summary>
    public JsonMap Third(ServedVersion version) => JsonMap.Of(
        ("openapi", "3.0.0"),
        ("info", Info),
        ("paths", Paths(version.Kinds, isThird: true)),
        ("components", JsonMap.Of(("schemas", Schemas(version.Kinds, ThirdReferences)))));

    /// <summary><c>/openapi/v2</c>: everything in one.</summary>
    public JsonMap Second(IEnumerable<ServedGroup> groups)
    {
        var kinds = groups.SelectMany(group => group.Versions).SelectMany(version => version.Kinds).ToImmutableArray();
        return JsonMap.Of(
            ("swagger", "2.0"), ("info", Info), ("paths", Paths(kinds, isThird: false)),
                ("definitions", Schemas(kinds, SecondReferences)));
    }

    private JsonMap Schemas(ImmutableArray<KindInfo> kinds, string refer) => JsonMap.FromDistinct(
        kinds.SelectMany(kind => new KeyValuePair<string, JsonTree>[]
        {
            new(KindSchema.NameOf(kind.Type, kind.Type.Kind), KindSchema.Of(kind.Type, schemaOf(kind), refer)),
            new(KindSchema.NameOf(kind.Type, kind.ListKind), KindSchema.OfList(kind.Type, kind.ListKind, refer)),
        }).Concat(MetaSchemas.All));

    private static JsonMap Paths(ImmutableArray<KindInfo> kinds, bool isThird) => JsonMap.FromDistinct(
        kinds.SelectMany(kind => new OpenApiOperations(kind, isThird).Paths()));
}
