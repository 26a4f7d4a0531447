using System.Collections.Frozen;
using System.Collections.Immutable;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Store.Shapes;

/// <summary>What a value is.</summary>
public enum ShapeType
{
    /// <summary>Anything; merged as its content suggests: objects by key, the rest as a whole.</summary>
    Any,

    /// <summary>A text.</summary>
    Text,

    /// <summary>A whole number.</summary>
    Whole,

    /// <summary>A truth value.</summary>
    Truth,

    /// <summary>A whole number or a text.</summary>
    WholeOrText,

    /// <summary>A quantity.</summary>
    Quantity,

    /// <summary>A time in whole seconds.</summary>
    Time,

    /// <summary>A time with exactly six digits after the second.</summary>
    MicroTime,

    /// <summary>An object with known fields.</summary>
    Struct,

    /// <summary>An object with free keys.</summary>
    Map,

    /// <summary>A list that is replaced as a whole.</summary>
    AtomicList,

    /// <summary>A list of distinct values.</summary>
    SetList,

    /// <summary>A list of objects that keys tell apart.</summary>
    MapList,
}

/// <summary>
/// What the server knows of the form of a value: which fields there are, of which types, and how two writers' values merge. Built-in kinds
/// have theirs from <see cref="ShapeText"/>, custom ones from their schema.
/// </summary>
public sealed class Shape
{
    private FrozenDictionary<string, Shape>? _byName;

    /// <summary>The shape of a value nothing is known of.</summary>
    public static Shape Unknown { get; } = new(ShapeType.Any);

    internal Shape(ShapeType type) => Type = type;

    /// <summary>What the value is.</summary>
    public ShapeType Type { get; }

    /// <summary>Whether an object is replaced as a whole.</summary>
    public bool IsAtomic { get; internal init; }

    /// <summary>Whether a struct is part of every object, so that writing into it does not make it the writer's.</summary>
    public bool IsAlwaysThere { get; internal init; }

    /// <summary>Whether a struct may have other fields than the known ones.</summary>
    public bool IsOpen { get; internal init; }

    /// <summary>The fields of a struct.</summary>
    internal SortedDictionary<string, Shape> Fields { get; init; } = new(StringComparer.Ordinal);

    /// <summary>The shape of a list's items or a map's values.</summary>
    public Shape Item { get; internal init; } = null!;

    /// <summary>The keys that tell the items of a <see cref="ShapeType.MapList"/> apart, with the value a missing one has.</summary>
    public ImmutableArray<(string Name, string? Default)> Keys { get; internal init; } = [];

    /// <summary>The one key by which a strategic merge patch tells them apart; empty where it replaces the list.</summary>
    public string StrategicKey { get; internal init; } = "";

    // Looked up only: what walks the fields walks the ordered ones.
    private FrozenDictionary<string, Shape> ByName => _byName ??= Fields.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The shape of an object's field.</summary>
    public Shape Of(string field) => Type switch
    {
        ShapeType.Struct => ByName.GetValueOrDefault(field, Unknown),
        ShapeType.Map => Item,
        _ => Unknown,
    };

    /// <summary>An object with the structs that are always there.</summary>
    public JsonMap Fill(JsonMap value)
    {
        foreach (var (name, field) in Fields)
        {
            if (field.IsAlwaysThere)
            {
                value = value.With(name, field.Fill(value.Map(name) ?? JsonMap.Empty));
            }
        }

        return value;
    }

    /// <summary>Whether an object may have this field.</summary>
    public bool Knows(string field) => Type != ShapeType.Struct || IsOpen || ByName.ContainsKey(field);
}
