using LocalPv.Core.Kubernetes.Json;
using LocalPv.Fake.Api.Store.Shapes;

namespace LocalPv.Fake.Api.Store.Ownership;

/// <summary>The fields that differ between two states of an object.</summary>
internal sealed record FieldDifference(FieldSet Added, FieldSet Modified, FieldSet Removed);

/// <summary>Finds the fields of values, by their shapes. Source: sigs.k8s.io/structured-merge-diff/typed.</summary>
internal static class FieldWalk
{
    /// <summary>The fields a value sets.</summary>
    public static FieldSet FieldsOf(JsonMap value, Shape shape)
    {
        var set = new FieldSet();
        Collect(value, shape, set);
        set.IsMember = false;
        return set.Trim();
    }

    /// <summary>What changes from one state to another.</summary>
    public static FieldDifference Compare(JsonMap before, JsonMap after, Shape shape)
    {
        var difference = new FieldDifference(new FieldSet(), new FieldSet(), new FieldSet());
        Compare(before, after, shape, difference);
        difference.Added.Trim();
        difference.Modified.Trim();
        difference.Removed.Trim();
        return difference;
    }

    /// <summary>The path elements of a list's items, in order; null for a list that is replaced as a whole.</summary>
    public static IEnumerable<(string Element, JsonTree Item)>? Items(JsonTree? value, Shape shape) => (value, shape.Type) switch
    {
        (JsonList list, ShapeType.SetList) => list.Select(item => ("v:" + item, item)),
        (JsonList list, ShapeType.MapList) => list.Select(item => ("k:" + KeyOf(item as JsonMap ?? JsonMap.Empty, shape), item)),
        _ => null,
    };

    private static void Collect(JsonTree value, Shape shape, FieldSet here)
    {
        if (value is JsonMap { Count: > 0 } map && !shape.IsAtomic)
        {
            foreach (var (key, child) in map.AsSpan())
            {
                Collect(child, shape.Of(key), here.Below("f:" + key));
            }
        }
        else if (Items(value, shape) is { } items)
        {
            foreach (var (element, item) in items)
            {
                var below = here.Below(element);
                Collect(item, shape.Item, below);
                below.IsMember = true;
            }
        }
        else
        {
            here.IsMember = true;
        }
    }

    private static void Compare(JsonTree? before, JsonTree? after, Shape shape, FieldDifference at)
    {
        if (ReferenceEquals(before, after))
        {
            return;
        }

        var isMap = IsBranch(before, shape) && IsBranch(after, shape) && (before ?? after) is JsonMap;
        if (isMap && !(Size(before) == 0 && Size(after) == 0))
        {
            var (left, right) = (before as JsonMap ?? JsonMap.Empty, after as JsonMap ?? JsonMap.Empty);
            foreach (var key in left.Keys.Union(right.Keys).ToList())
            {
                Compare(left[key], right[key], shape.Of(key), Below(at, "f:" + key));
            }
        }
        else if (shape.Type is ShapeType.SetList or ShapeType.MapList && IsItems(before) && IsItems(after))
        {
            CompareItems(before, after, shape, at);
        }
        else if (before is not null && after is not null)
        {
            at.Modified.IsMember = !before.Equals(after);
            return;
        }

        at.Added.IsMember |= before is null;
        at.Removed.IsMember |= after is null;
    }

    private static void CompareItems(JsonTree? before, JsonTree? after, Shape shape, FieldDifference at)
    {
        var left = Distinct(Items(before, shape));
        var right = Distinct(Items(after, shape));
        foreach (var element in left.Keys.Union(right.Keys).ToList())
        {
            Compare(left.GetValueOrDefault(element), right.GetValueOrDefault(element), shape.Item, Below(at, element));
        }
    }

    private static SortedDictionary<string, JsonTree> Distinct(IEnumerable<(string Element, JsonTree Item)>? items)
    {
        var distinct = new SortedDictionary<string, JsonTree>(StringComparer.Ordinal);
        foreach (var (element, item) in items ?? [])
        {
            distinct[element] = item;
        }

        return distinct;
    }

    private static bool IsBranch(JsonTree? value, Shape shape) => value is null || (value is JsonMap && !shape.IsAtomic);

    // A list that is null has no items, as one that is absent.
    private static bool IsItems(JsonTree? value) => value is null or JsonNull or JsonList;

    private static int Size(JsonTree? value) => value is JsonMap map ? map.Count : 0;

    private static FieldDifference Below(FieldDifference at, string element) =>
        new(at.Added.Below(element), at.Modified.Below(element), at.Removed.Below(element));

    private static string KeyOf(JsonMap item, Shape shape)
    {
        var key = JsonMap.Empty;
        foreach (var (name, otherwise) in shape.Keys)
        {
            key = key.With(name, item[name] ?? (otherwise is null ? null : new JsonText(otherwise)));
        }

        return key.ToString();
    }
}
