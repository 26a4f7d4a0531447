using System.Collections.Immutable;
using System.Text;
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

    // Where the reader is: keys, and places in lists (-1 for a key). Only complaints need it as text.
    private readonly List<(string Key, int Index)> _path = [];

    public ShapeReader(string kind) => _kind = kind;

    /// <summary>Why the body cannot be read, or null.</summary>
    public string? Error { get; private set; }

    /// <summary>The paths of the fields that were dropped.</summary>
    public ImmutableArray<string> Unknown => _unknown.ToImmutable();

    /// <summary>The value as it is stored.</summary>
    public JsonTree Read(JsonTree value, JsonTree? old, Shape shape)
    {
        if (ReferenceEquals(value, old) || Error is not null || value is JsonNull)
        {
            return value;
        }

        switch (shape.Type)
        {
            case ShapeType.Struct:
                return value is JsonMap fields ? ReadStruct(fields, old as JsonMap, shape) : Mismatch(value, "object");
            case ShapeType.Map:
                return value is JsonMap entries ? ReadMap(entries, old as JsonMap, shape) : Mismatch(value, "map");
            case ShapeType.AtomicList or ShapeType.MapList or ShapeType.SetList:
                return value is JsonList list ? ReadList(list, old as JsonList, shape) : Mismatch(value, "array");
            case ShapeType.Text:
                return value is JsonText ? value : Mismatch(value, "string");
            case ShapeType.Whole:
                return value is JsonNumber number && number.TryGetInt64(out _) ? value : Mismatch(value, "int64");
            case ShapeType.Truth:
                return value is JsonBoolean ? value : Mismatch(value, "bool");
            case ShapeType.WholeOrText:
                return value is JsonText or JsonNumber ? value : Mismatch(value, "IntOrString");
            case ShapeType.Quantity:
                return ReadQuantity(value);
            case ShapeType.Time or ShapeType.MicroTime:
                return ReadTime(value, shape.Type == ShapeType.MicroTime);
            default:
                return value;
        }
    }

    private JsonMap ReadStruct(JsonMap fields, JsonMap? old, Shape shape)
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
                _unknown.Add(PathText() + key);
                result = result.Without(key);
                continue;
            }

            // Most writes change leaves alone.
            var field = shape.Of(key);
            var read = field.Type is ShapeType.Any || (field.Type is ShapeType.Text && value is JsonText)
                ? value
                : ReadAt((key, -1), value, before, field);
            result = ReferenceEquals(read, value) ? result : result.With(key, read);
        }

        return result;
    }

    private JsonMap ReadMap(JsonMap entries, JsonMap? old, Shape shape)
    {
        var result = entries;
        foreach (var (key, value) in entries.AsSpan())
        {
            if (!ReferenceEquals(value, old?[key]) && !(shape.Item.Type is ShapeType.Text && value is JsonText))
            {
                result = result.With(key, ReadAt((key, -1), value, old?[key], shape.Item));
            }
        }

        return result;
    }

    private JsonList ReadList(JsonList list, JsonList? old, Shape shape)
    {
        ImmutableArray<JsonTree>.Builder? changed = null;
        for (var i = 0; i < list.Count; i++)
        {
            var before = old is not null && i < old.Count ? old[i] : null;
            var read = ReadAt(("", i), list[i], before, shape.Item);
            if (!ReferenceEquals(read, list[i]))
            {
                changed ??= list.Items.ToBuilder();
                changed[i] = read;
            }
        }

        return changed is null ? list : new JsonList(changed.ToImmutable());
    }

    private JsonTree ReadQuantity(JsonTree value)
    {
        var text = value switch
        {
            JsonText given => given.Value,
            JsonNumber number => number.Text,
            _ => null,
        };
        if (text is null)
        {
            return Mismatch(value, "Quantity");
        }

        if (!QuantityText.TryCanonical(text, out var canonical, out var wrong))
        {
            Error = wrong;
            return value;
        }

        return canonical == text && value is JsonText ? value : new JsonText(canonical);
    }

    private JsonTree ReadTime(JsonTree value, bool micro)
    {
        if (value is not JsonText text)
        {
            return Mismatch(value, "time");
        }

        if (GoTime.Judge(text.Value, micro) is { } wrong)
        {
            Error = wrong;
            return value;
        }

        var canonical = GoTime.Canonical(text.Value, micro);
        return canonical == text.Value ? value : new JsonText(canonical);
    }

    private JsonTree ReadAt((string Key, int Index) place, JsonTree value, JsonTree? old, Shape shape)
    {
        _path.Add(place);
        var read = Read(value, old, shape);
        _path.RemoveAt(_path.Count - 1);
        return read;
    }

    // Keys with a point after each, and the index of an item right after its list.
    private string PathText()
    {
        var text = new StringBuilder();
        foreach (var (key, index) in _path)
        {
            if (index < 0)
            {
                text.Append(key);
            }
            else
            {
                text.Length = Math.Max(0, text.Length - 1);
                text.Append('[').Append(index).Append(']');
            }

            text.Append('.');
        }

        return text.ToString();
    }

    private JsonTree Mismatch(JsonTree value, string wanted)
    {
        var given = value switch
        {
            JsonText => "string",
            JsonNumber => "number",
            JsonBoolean => "bool",
            JsonList => "array",
            _ => "object",
        };
        Error = $"json: cannot unmarshal {given} into Go struct field {_kind}.{PathText().TrimEnd('.')} of type {wanted}";
        return value;
    }
}
