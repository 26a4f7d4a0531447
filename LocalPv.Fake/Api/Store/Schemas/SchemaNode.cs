using System.Collections.Immutable;
using System.Text.RegularExpressions;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Fake.Api.Store.Shapes;

namespace LocalPv.Fake.Api.Store.Schemas;

/// <summary>One node of the structural schema of a custom resource, read once.</summary>
internal sealed class SchemaNode
{
    private static readonly TimeSpan PatternTimeMax = TimeSpan.FromSeconds(1);

    private SchemaNode(JsonMap tree, bool isRoot)
    {
        Tree = tree;
        Type = tree.Text("type") ?? "";
        foreach (var (name, property) in (tree.Map("properties") ?? JsonMap.Empty).AsSpan())
        {
            // Metadata is the server's own business in every object.
            if (property is JsonMap map && !(isRoot && name is "metadata" or "kind" or "apiVersion"))
            {
                Properties[name] = new SchemaNode(map, false);
            }
        }

        Values = tree.Map("additionalProperties") is { } values ? new SchemaNode(values, false) : null;
        Items = tree.Map("items") is { } items ? new SchemaNode(items, false) : null;
        Required = [.. tree.List("required")?.Texts() ?? []];
        Enum = tree.List("enum")?.Items ?? [];
        Pattern = tree.Text("pattern") is { } pattern ? ReadPattern(pattern) : null;
        KeepsUnknown = tree.Boolean("x-kubernetes-preserve-unknown-fields") == true
            || tree.Boolean("x-kubernetes-embedded-resource") == true
            || tree.Boolean("additionalProperties") == true;
        IsIntOrString = tree.Boolean("x-kubernetes-int-or-string") == true;
        All = Nodes("allOf");
        Any = Nodes("anyOf");
        One = Nodes("oneOf");
        Not = tree.Map("not") is { } not ? new SchemaNode(not, false) : null;
        Rules = [.. (tree.List("x-kubernetes-validations")?.Maps() ?? []).Select(rule => new SchemaRule(rule))];
    }

    /// <summary>The schema of whole objects.</summary>
    public static SchemaNode ReadRoot(JsonMap? schema) => new(schema ?? JsonMap.Of(
        ("type", "object"), ("x-kubernetes-preserve-unknown-fields", true)), isRoot: true);

    public JsonMap Tree { get; }

    public string Type { get; }

    public SortedDictionary<string, SchemaNode> Properties { get; } = new(StringComparer.Ordinal);

    public SchemaNode? Values { get; }

    public SchemaNode? Items { get; }

    public ImmutableArray<string> Required { get; }

    public ImmutableArray<JsonTree> Enum { get; }

    public Regex? Pattern { get; }

    public bool KeepsUnknown { get; }

    public bool IsIntOrString { get; }

    public ImmutableArray<SchemaNode> All { get; }

    public ImmutableArray<SchemaNode> Any { get; }

    public ImmutableArray<SchemaNode> One { get; }

    public SchemaNode? Not { get; }

    public ImmutableArray<SchemaRule> Rules { get; }

    /// <summary>How writers' values merge: lists as a whole, unless the schema says by which keys items are told apart.</summary>
    public Shape ToShape()
    {
        var isAtomicMap = Tree.Text("x-kubernetes-map-type") == "atomic";
        if (Items is not null)
        {
            return Tree.Text("x-kubernetes-list-type") switch
            {
                "map" => new Shape(ShapeType.MapList)
                {
                    Keys =
                    [
                        .. (Tree.List("x-kubernetes-list-map-keys")?.Texts() ?? []).Select(key => (key, DefaultOf(key))),
                    ],
                    Item = Items.ToShape(),
                },
                "set" => new Shape(ShapeType.SetList) { Item = Items.ToShape() },
                _ => new Shape(ShapeType.AtomicList) { Item = Items.ToShape() },
            };
        }

        if (Values is not null)
        {
            return new Shape(ShapeType.Map) { Item = Values.ToShape(), IsAtomic = isAtomicMap };
        }

        var fields = new SortedDictionary<string, Shape>(StringComparer.Ordinal);
        foreach (var (name, property) in Properties)
        {
            fields[name] = property.ToShape();
        }

        return fields.Count == 0 && !isAtomicMap
            ? Shape.Unknown
            : new Shape(ShapeType.Struct) { Fields = fields, IsAtomic = isAtomicMap, IsOpen = KeepsUnknown };
    }

    // A pattern that this machine's dialect does not read is not enforced.
    private static Regex? ReadPattern(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.CultureInvariant, PatternTimeMax);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private string? DefaultOf(string key) =>
        Items!.Properties.GetValueOrDefault(key)?.Tree["default"] is JsonText text ? text.Value : null;

    private ImmutableArray<SchemaNode> Nodes(string key) =>
        [.. (Tree.List(key)?.Maps() ?? []).Select(map => new SchemaNode(map, false))];
}
