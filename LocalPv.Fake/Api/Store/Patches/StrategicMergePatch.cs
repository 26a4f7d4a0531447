using LocalPv.Core.Kubernetes.Json;
using LocalPv.Fake.Api.Store.Shapes;

namespace LocalPv.Fake.Api.Store.Patches;

/// <summary>
/// Kubernetes' strategic merge patch: objects are merged, lists with a merge key item by item, sets by union; directives
/// (<c>$patch</c>, <c>$retainKeys</c>, <c>$deleteFromPrimitiveList/…</c>, <c>$setElementOrder/…</c>) say what a merge cannot.
/// Source: k8s.io/apimachinery/pkg/util/strategicpatch.
/// </summary>
internal static class StrategicMergePatch
{
    private const string PatchDirective = "$patch";
    private const string RetainKeys = "$retainKeys";
    private const string DeletePrefix = "$deleteFromPrimitiveList/";
    private const string OrderPrefix = "$setElementOrder/";

    /// <summary><paramref name="original"/> with the patch applied.</summary>
    public static JsonMap Apply(JsonMap original, JsonMap patch, Shape shape)
    {
        switch (patch.Text(PatchDirective))
        {
            case "replace":
                return patch.Without(PatchDirective);
            case "delete":
                return JsonMap.Empty;
        }

        var result = original;
        if (patch.List(RetainKeys) is { } retained)
        {
            var keep = retained.Texts().ToList();
            foreach (var key in original.Keys.Where(key => !keep.Contains(key)))
            {
                result = result.Without(key);
            }
        }

        foreach (var (key, change) in patch.AsSpan())
        {
            if (key is PatchDirective or RetainKeys || key.StartsWith(OrderPrefix, StringComparison.Ordinal))
            {
                continue;
            }

            result = key.StartsWith(DeletePrefix, StringComparison.Ordinal)
                ? DeleteFromSet(result, key[DeletePrefix.Length..], change)
                : result.With(key, Merge(result[key], change, shape.Of(key)));
        }

        return Reorder(result, patch, shape);
    }

    private static JsonTree? Merge(JsonTree? original, JsonTree change, Shape shape) => change switch
    {
        JsonNull => null,
        JsonMap map when map.Text(PatchDirective) == "delete" => null,
        JsonMap map => Apply(original as JsonMap ?? JsonMap.Empty, map, shape),
        JsonList list when original is JsonList || shape.Type is ShapeType.MapList or ShapeType.SetList =>
            MergeList(original as JsonList ?? JsonList.Empty, list, shape),
        _ => change,
    };

    private static JsonList MergeList(JsonList original, JsonList change, Shape shape) => shape.Type switch
    {
        ShapeType.SetList => new JsonList([.. original.Items.Union(change.Items)]),
        ShapeType.MapList when shape.StrategicKey.Length > 0 => MergeItems(original, change, shape),
        _ => change,
    };

    private static JsonList MergeItems(JsonList original, JsonList change, Shape shape)
    {
        var key = shape.StrategicKey;
        var replaces = change.Maps().Any(item => item.Text(PatchDirective) == "replace" && item[key] is null);
        var items = replaces ? [] : original.Items.ToList();
        foreach (var item in change.Maps())
        {
            var directive = item.Text(PatchDirective);
            if (directive == "replace" && item[key] is null)
            {
                continue;
            }

            var index = items.FindIndex(existing => existing is JsonMap map && Equals(map[key], item[key]));
            if (directive == "delete")
            {
                if (index >= 0)
                {
                    items.RemoveAt(index);
                }
            }
            else if (index >= 0)
            {
                items[index] = Apply((JsonMap)items[index], item, shape.Item);
            }
            else
            {
                items.Add(Apply(JsonMap.Empty, item.Without(PatchDirective), shape.Item));
            }
        }

        return new JsonList([.. items]);
    }

    private static JsonMap DeleteFromSet(JsonMap owner, string key, JsonTree deleted) =>
        owner.List(key) is { } list && deleted is JsonList gone
            ? owner.With(key, new JsonList([.. list.Items.Where(item => !gone.Items.Contains(item))]))
            : owner;

    // Items that the order names stand in that order; the others keep their places behind the item they followed.
    private static JsonMap Reorder(JsonMap result, JsonMap patch, Shape shape)
    {
        foreach (var (directive, order) in patch.AsSpan())
        {
            if (!directive.StartsWith(OrderPrefix, StringComparison.Ordinal) || order is not JsonList wanted)
            {
                continue;
            }

            var key = directive[OrderPrefix.Length..];
            if (result.List(key) is not { } list)
            {
                continue;
            }

            var mergeKey = shape.Of(key).StrategicKey;
            JsonTree? Identity(JsonTree item) => item is JsonMap map && mergeKey.Length > 0 ? map[mergeKey] : item;
            var named = wanted.Items.Select(Identity).ToList();
            var ordered = list.Items.Where(item => named.Contains(Identity(item))).OrderBy(item => named.IndexOf(Identity(item))).ToList();
            var next = 0;
            var places = list.Items.Select(item => named.Contains(Identity(item)) ? ordered[next++] : item);
            result = result.With(key, new JsonList([.. places]));
        }

        return result;
    }
}
