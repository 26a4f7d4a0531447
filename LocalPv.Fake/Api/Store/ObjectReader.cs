using System.Collections.Immutable;
using System.Globalization;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Api.Store;

/// <summary>Gets, lists and opens watches.</summary>
internal sealed class ObjectReader(ObjectStore store, KindRegistry kinds)
{
    private const string TooOldToContinue =
        "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue "
        + "parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided "
        + "token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was "
        + "returned and now may show up in the list.";

    public ApiResult Get(KindInfo kind, ObjectKey key)
    {
        var found = TableOf(kind).Find(key);
        return found is null
            ? ApiResult.Failed(StatusError.NotFound(kind, key.Name))
            : ApiResult.Of(VersionConversion.Present(kind, found));
    }

    public ApiResult List(KindInfo kind, ListOptions options)
    {
        var selector = VersionConversion.ToStored(kind, options.Selector);
        if (!Selection.TryRead(selector, kinds.StoredKindOf(kind), out var selection, out var error))
        {
            return ApiResult.Failed(error);
        }

        if (options.Continue.Length > 0)
        {
            return Continue(kind, options, selection);
        }

        var asOf = store.Revision;
        if (options.ResourceVersion is not ("" or "0"))
        {
            if (!TryParseVersion(options.ResourceVersion, out var asked))
            {
                return ApiResult.Failed(StatusError.BadVersion(options.ResourceVersion));
            }

            if (asked > store.Revision)
            {
                return ApiResult.Failed(StatusError.VersionTooLarge(asked, store.Revision));
            }

            // A limit without a match means exactly that version, as it did before the match was invented.
            if (options.ResourceVersionMatch == "Exact" || (options.ResourceVersionMatch.Length == 0 && options.Limit > 0))
            {
                if (asked < OldestKnown(TableOf(kind)))
                {
                    return ApiResult.Failed(StatusError.Expired("The resourceVersion for the provided list is too old."));
                }

                asOf = asked;
            }
        }

        return Page(kind, options, selection, asOf, null);
    }

    public FakeWatch OpenWatch(Instant now, KindInfo kind, WatchOptions options, TimeSpan bookmarkPeriod, TimeSpan life)
    {
        var selector = VersionConversion.ToStored(kind, options.Selector);
        if (!Selection.TryRead(selector, kinds.StoredKindOf(kind), out var selection, out var error))
        {
            return Refuse(error);
        }

        var table = TableOf(kind);
        var fromPresent = options.ResourceVersion is "" or "0" || options.SendInitialEvents;
        var after = store.Revision;
        if (options.ResourceVersion is not ("" or "0"))
        {
            if (!TryParseVersion(options.ResourceVersion, out var asked))
            {
                return Refuse(StatusError.BadVersion(options.ResourceVersion));
            }

            if (!options.SendInitialEvents)
            {
                after = asked;
            }
        }

        if (after < OldestKnown(table))
        {
            return Refuse(StatusError.Expired($"too old resource version: {after} ({OldestKnown(table)})"));
        }

        return new FakeWatch(
            new WatchStart(
                store,
                table,
                kind.StoredAs is null ? static item => item : item => VersionConversion.Present(kind, item),
                selection,
                after,
                fromPresent ? [.. table.InOrder(selection.Namespace)] : null,
                options.SendInitialEvents,
                options.AllowBookmarks,
                bookmarkPeriod,
                life),
            now);
    }

    /// <summary>A watch that says why there is none.</summary>
    public FakeWatch Refuse(StatusError error) => new(store, new ObjectTable(BuiltInKinds.All[0], 1), error);

    internal ObjectTable TableOf(KindInfo kind) => store.TableOf(kinds.StoredKindOf(kind));

    private static bool TryParseVersion(string text, out long version) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out version);

    private long OldestKnown(ObjectTable table) => Math.Max(store.CompactedRevision, table.Log.DroppedThrough);

    private ApiResult Continue(KindInfo kind, ListOptions options, Selection selection)
    {
        if (!ContinueToken.TryRead(options.Continue, out var token))
        {
            return ApiResult.Failed(StatusError.BadRequest(
                "continue key is not valid: illegal base64 data or format: start a new list without it"));
        }

        if (options.ResourceVersion is not ("" or "0"))
        {
            return ApiResult.Failed(StatusError.BadRequest("specifying resource version is not allowed when using continue"));
        }

        // A token of an expired list that says "now": the rest of the list as it is now.
        if (token.Revision < 0)
        {
            return Page(kind, options, selection, store.Revision, token.After);
        }

        if (token.Revision < OldestKnown(TableOf(kind)))
        {
            return ApiResult.Failed(StatusError.Expired(TooOldToContinue) with { Continue = new ContinueToken(-1, token.After).ToText() });
        }

        return Page(kind, options, selection, Math.Min(token.Revision, store.Revision), token.After);
    }

    private ApiResult Page(KindInfo kind, ListOptions options, Selection selection, long asOf, ObjectKey? after)
    {
        var table = TableOf(kind);
        var items = ImmutableArray.CreateBuilder<KubernetesObject>();
        var version = asOf.ToString(CultureInfo.InvariantCulture);
        if (selection.Name is { } name && (selection.Namespace.Length > 0 || !kind.Type.Namespaced) && asOf == store.Revision)
        {
            if (table.Find(new ObjectKey(selection.Namespace, name)) is { } only && selection.Matches(only))
            {
                items.Add(VersionConversion.Present(kind, only));
            }

            return ApiResult.Page(items.DrainToImmutable(), version, "", null);
        }

        ObjectKey? last = null;
        long left = 0;
        foreach (var item in table.AsOf(asOf, selection.Namespace))
        {
            if ((after is { } start && StorageOrder.Instance.Compare(item.Key, start) <= 0) || !selection.Matches(item))
            {
                continue;
            }

            if (options.Limit > 0 && items.Count >= options.Limit)
            {
                left++;
                continue;
            }

            items.Add(VersionConversion.Present(kind, item));
            last = item.Key;
        }

        var counts = options.Selector.Labels.Length == 0 && options.Selector.Fields.Length == 0;
        return left == 0
            ? ApiResult.Page(items.DrainToImmutable(), version, "", null)
            : ApiResult.Page(items.DrainToImmutable(), version, new ContinueToken(asOf, last!.Value).ToText(), counts ? left : null);
    }
}
