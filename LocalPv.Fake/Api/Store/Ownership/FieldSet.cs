using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Store.Ownership;

/// <summary>
/// A set of fields, as <c>managedFields</c> writes it: a tree whose branches are path elements (<c>f:name</c>, <c>k:{"name":"x"}</c>,
/// <c>v:"x"</c>). A node may be a member itself, and have members below it. Source: sigs.k8s.io/structured-merge-diff/fieldpath.
/// </summary>
internal sealed class FieldSet
{
    private readonly SortedDictionary<string, FieldSet> _children = new(StringComparer.Ordinal);

    /// <summary>Whether the path that leads here is in the set.</summary>
    public bool IsMember { get; set; }

    private IEnumerable<string> Elements => _children.Keys;

    /// <summary>Whether nothing is in the set.</summary>
    public bool IsEmpty => !IsMember && _children.Count == 0;

    /// <summary>Reads <c>fieldsV1</c>.</summary>
    public static FieldSet Read(JsonMap tree)
    {
        var set = new FieldSet { IsMember = tree.Count == 0 || tree.Contains(".") };
        foreach (var (element, below) in tree.AsSpan())
        {
            if (element != "." && below is JsonMap map)
            {
                set._children[element] = Read(map);
            }
        }

        return set;
    }

    /// <summary>Writes <c>fieldsV1</c>.</summary>
    public JsonMap ToTree()
    {
        var entries = _children.Select(child => new KeyValuePair<string, JsonTree>(child.Key, child.Value.ToTree())).ToList();
        if (IsMember && entries.Count > 0)
        {
            entries.Add(new(".", JsonMap.Empty));
        }

        return JsonMap.FromDistinct(entries);
    }

    /// <summary>The node one element further, made where it is missing.</summary>
    public FieldSet Below(string element)
    {
        if (!_children.TryGetValue(element, out var child))
        {
            child = new FieldSet();
            _children.Add(element, child);
        }

        return child;
    }

    /// <summary>The node one element further, or null.</summary>
    public FieldSet? Find(string element) => _children.GetValueOrDefault(element);

    /// <summary>Takes out what lies at an element, with everything below.</summary>
    public void Remove(string element) => _children.Remove(element);

    /// <summary>Drops branches without members.</summary>
    public FieldSet Trim()
    {
        foreach (var (element, child) in _children.ToList())
        {
            if (child.Trim().IsEmpty)
            {
                _children.Remove(element);
            }
        }

        return this;
    }

    public FieldSet Union(FieldSet other) => Combine(this, other, static (a, b) => a || b);

    public FieldSet Except(FieldSet other) => Combine(this, other, static (a, b) => a && !b);

    public FieldSet Intersect(FieldSet other) => Combine(this, other, static (a, b) => a && b);

    public bool SetEquals(FieldSet other) => ToTree().Equals(other.ToTree());

    /// <summary>The members, each as the path that leads to it.</summary>
    public IEnumerable<IReadOnlyList<string>> Paths()
    {
        if (IsMember)
        {
            yield return [];
        }

        foreach (var (element, child) in _children)
        {
            foreach (var path in child.Paths())
            {
                yield return [element, .. path];
            }
        }
    }

    private static FieldSet Combine(FieldSet? a, FieldSet? b, Func<bool, bool, bool> keeps)
    {
        var result = new FieldSet { IsMember = keeps(a?.IsMember ?? false, b?.IsMember ?? false) };
        IEnumerable<string> elements = [.. a?.Elements ?? [], .. b?.Elements ?? []];
        foreach (var element in elements.Distinct())
        {
            var child = Combine(a?.Find(element), b?.Find(element), keeps);
            if (!child.IsEmpty)
            {
                result._children.Add(element, child);
            }
        }

        return result;
    }
}
