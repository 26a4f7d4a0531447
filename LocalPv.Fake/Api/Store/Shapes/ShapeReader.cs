using System.Collections.Immutable;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Store.Shapes;

/// <summary>
/// Reads a body as its shape, as a typed server does: checks types and formats, drops unknown fields and remembers their paths, writes
/// quantities and times in their canonical form. What is shared with the stored object was read before and is passed over.
/// </summary>
internal sealed class ShapeReader
{
    private readonly ImmutableArray<string>.Builder _unknown = ImmutableArray.CreateBuilder<string>();
    private readonly string _kind;

    public ShapeReader(string kind) => _kind = kind;

    /// <summary>Why the body cannot be read, or null.</summary>
    public string? Error { get; private set; }

    /// <summary>The paths of the fields that were dropped.</summary>
    public ImmutableArray<string> Unknown => _unknown.ToImmutable();

    /// <summary>The value as it is stored.</summary>
    public JsonTree Read(JsonTree value, JsonTree? old, Shape shape, string path)
    {
        if (ReferenceEquals(value, old) || Error is not null || value is JsonNull)
        {
            return value;
        }

        switch (shape.Type)
        {
            case ShapeType.Struct:
                return value is JsonMap fields ? ReadStruct(fields, old as JsonMap, shape, path) : Mismatch(value, path, "object");
            case ShapeType.Map:
                return value is JsonMap entries ? ReadMap(entries, old as JsonMap, shape, path) : Mismatch(value, path, "map");
            case ShapeType.AtomicList or ShapeType.MapList or ShapeType.SetList:
                return value is JsonList list ? ReadList(list, old as JsonList, shape, path) : Mismatch(value, path, "array");
            case ShapeType.Text:
                return value is JsonText ? value : Mismatch(value, path, "string");
            case ShapeType.Whole:
                return value is JsonNumber number && number.TryGetInt64(out _) ? value : Mismatch(value, path, "int64");
            case ShapeType.Truth:
                return value is JsonBoolean ? value : Mismatch(value, path, "bool");
            case ShapeType.WholeOrText:
                return value is JsonText or JsonNumber ? value : Mismatch(value, path, "IntOrString");
            case ShapeType.Quantity:
                return ReadQuantity(value, path);
            case ShapeType.Time or ShapeType.MicroTime:
                return ReadTime(value, shape.Type == ShapeType.MicroTime, path);
            default:
                return value;
        }
    }

    private JsonMap ReadStruct(JsonMap fields, JsonMap? old, Shape shape, string path)
    {
        var result = fields;
        foreach (var (key, value) in fields.AsSpan())
        {
            var before = old?[key];
            if (ReferenceEquals(value, before))
            {
                continue;
            }

            if (!shape.Knows(key))
            {
                _unknown.Add(path + key);
                result = result.Without(key);
                continue;
            }

            // Leaves need no path but for messages, and most writes change leaves alone.
            var field = shape.Of(key);
            var read = field.Type is ShapeType.Any || (field.Type is ShapeType.Text && value is JsonText)
                ? value
                : Read(value, before, field, path + key + ".");
            result = ReferenceEquals(read, value) ? result : result.With(key, read);
        }

        return result;
    }

    private JsonMap ReadMap(JsonMap entries, JsonMap? old, Shape shape, string path)
    {
        var result = entries;
        foreach (var (key, value) in entries.AsSpan())
        {
            if (!ReferenceEquals(value, old?[key]) && !(shape.Item.Type is ShapeType.Text && value is JsonText))
            {
                result = result.With(key, Read(value, old?[key], shape.Item, path + key + "."));
            }
        }

        return result;
    }

    private JsonList ReadList(JsonList list, JsonList? old, Shape shape, string path)
    {
        ImmutableArray<JsonTree>.Builder? changed = null;
        for (var i = 0; i < list.Count; i++)
        {
            var before = old is not null && i < old.Count ? old[i] : null;
            var read = Read(list[i], before, shape.Item, $"{path.TrimEnd('.')}[{i}].");
            if (!ReferenceEquals(read, list[i]))
            {
                changed ??= list.Items.ToBuilder();
                changed[i] = read;
            }
        }

        return changed is null ? list : new JsonList(changed.ToImmutable());
    }

    private JsonTree ReadQuantity(JsonTree value, string path)
    {
        var text = value switch
        {
            JsonText given => given.Value,
            JsonNumber number => number.Text,
            _ => null,
        };
        if (text is null)
        {
            return Mismatch(value, path, "Quantity");
        }

        if (!QuantityText.TryCanonical(text, out var canonical, out var wrong))
        {
            Error = wrong;
            return value;
        }

        return canonical == text && value is JsonText ? value : new JsonText(canonical);
    }

    private JsonTree ReadTime(JsonTree value, bool micro, string path)
    {
        if (value is not JsonText text)
        {
            return Mismatch(value, path, "time");
        }

        if (GoTime.Judge(text.Value, micro) is { } wrong)
        {
            Error = wrong;
            return value;
        }

        var canonical = GoTime.Canonical(text.Value, micro);
        return canonical == text.Value ? value : new JsonText(canonical);
    }

    private JsonTree Mismatch(JsonTree value, string path, string wanted)
    {
        var given = value switch
        {
            JsonText => "string",
            JsonNumber => "number",
            JsonBoolean => "bool",
            JsonList => "array",
            _ => "object",
        };
        Error = $"json: cannot unmarshal {given} into Go struct field {_kind}.{path.TrimEnd('.')} of type {wanted}";
        return value;
    }
}
