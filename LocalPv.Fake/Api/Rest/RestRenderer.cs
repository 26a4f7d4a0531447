using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Rest.Tables;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Fake.Api.Rest;

/// <summary>Shows the objects of one kind in the form that was agreed on: as they are, as a table, or their metadata.</summary>
internal sealed class RestRenderer
{
    private readonly KindInfo _kind;
    private readonly Negotiated _negotiated;
    private readonly TableWriter _table;

    public RestRenderer(KindInfo kind, Negotiated negotiated, RestQuery query, JsonMap? definition)
    {
        _kind = kind;
        _negotiated = negotiated;
        var columns = definition is null ? BuiltInColumns.Of(kind.Type) : CustomColumns.Of(definition);
        _table = new TableWriter(columns, negotiated.Version, query.Text("includeObject"));
    }

    public string ContentType => _negotiated.ContentType;

    /// <summary>One object.</summary>
    public JsonMap One(Instant now, KubernetesObject item) => _negotiated.Rendering switch
    {
        Rendering.Table => _table.Write(now, VersionOnly(item.ResourceVersion), [item.Tree]),
        Rendering.Metadata => PartialMetadata.Of(item.Tree, _negotiated.Version),
        _ => item.Tree,
    };

    /// <summary>A page of a list.</summary>
    public JsonMap Page(Instant now, ApiResult page)
    {
        var metadata = JsonMap.Of(
            ("resourceVersion", page.ResourceVersion),
            ("continue", page.Continue.Length == 0 ? null : (JsonTree)page.Continue),
            ("remainingItemCount", page.RemainingItemCount is { } left ? (JsonTree)left : null));
        var items = page.Items.Select(item => item.Tree);
        return _negotiated.Rendering switch
        {
            Rendering.Table => _table.Write(now, metadata, items),
            Rendering.Metadata => PartialMetadata.OfList(metadata, items, _negotiated.Version),
            _ => PlainPage(metadata, items),
        };
    }

    /// <summary>The object of one event of a watch; a table tells its columns in its first event only.</summary>
    public JsonMap Event(Instant now, KubernetesObject item, bool isFirst) => _negotiated.Rendering == Rendering.Table
        ? _table.Write(now, VersionOnly(item.ResourceVersion), [item.Tree], withDefinitions: isFirst)
        : One(now, item);

    /// <summary>The object of a bookmark: a version, in the empty form of the kind.</summary>
    public JsonMap Bookmark(Instant now, WatchEvent bookmark)
    {
        var metadata = JsonMap.Of(
            ("resourceVersion", bookmark.ResourceVersion),
            ("annotations", bookmark.EndsInitialEvents ? JsonMap.Of(("k8s.io/initial-events-end", "true")) : null));
        return _negotiated.Rendering switch
        {
            Rendering.Table => _table.Write(now, VersionOnly(bookmark.ResourceVersion), [], withDefinitions: false),
            Rendering.Metadata => PartialMetadata.Of(JsonMap.Of(("metadata", metadata)), _negotiated.Version),
            _ => EmptyObjects.Of(_kind).With("kind", _kind.Type.Kind).With("apiVersion", _kind.Type.ApiVersion).With("metadata", metadata),
        };
    }

    private static JsonMap VersionOnly(string version) => JsonMap.Of(("resourceVersion", version));

    // The items of a built-in kind's list do not repeat the kind; those of a custom kind do, and their list always has a continue.
    private JsonMap PlainPage(JsonMap metadata, IEnumerable<JsonMap> items) => JsonMap.Of(
        ("kind", _kind.ListKind),
        ("apiVersion", _kind.Type.ApiVersion),
        ("metadata", _kind.IsCustom && !metadata.Contains("continue") ? metadata.With("continue", "") : metadata),
        ("items", new JsonList([.. items.Select(item => (JsonTree)(_kind.IsCustom ? item : item.Without("kind").Without("apiVersion")))])));
}
