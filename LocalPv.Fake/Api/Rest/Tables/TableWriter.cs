using System.Collections.Immutable;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Api.Rest.Tables;

/// <summary>Writes objects as a <c>Table</c>, the form that <c>kubectl get</c> prints.</summary>
/// <param name="columns">The kind's columns.</param>
/// <param name="version">The version of the Table kind that was asked for.</param>
/// <param name="includeObject"><c>None</c>, <c>Metadata</c> (also for empty) or <c>Object</c>: what each row carries of its object.</param>
public sealed class TableWriter(ImmutableArray<TableColumn> columns, string version, string includeObject)
{
    /// <summary>A table of objects. <paramref name="metadata"/> is the list's, or one object's version.</summary>
    public JsonMap Write(Instant now, JsonMap metadata, IEnumerable<JsonMap> items, bool withDefinitions = true) => JsonMap.Of(
        ("kind", "Table"),
        ("apiVersion", "meta.k8s.io/" + version),
        ("metadata", metadata),
        ("columnDefinitions", withDefinitions ? new JsonList([.. columns.Select(column => (JsonTree)column.ToDefinition())])
            : JsonNull.Instance),
        ("rows", new JsonList([.. items.Select(item => (JsonTree)Row(now, item))])));

    private JsonMap Row(Instant now, JsonMap item) => JsonMap.Of(
        ("cells", new JsonList([.. columns.Select(column => column.Cell(item, now))])),
        ("object", includeObject switch
        {
            "None" => JsonNull.Instance,
            "Object" => item,
            _ => PartialMetadata.Of(item, version),
        }));
}
