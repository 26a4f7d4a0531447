using System.Globalization;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Store.Schemas;

/// <summary>
/// Judges values by a structural schema, with the messages of a real server (k8s.io/kube-openapi/pkg/validation). What is shared with the
/// stored object is passed over, but for rules about changes.
/// </summary>
internal sealed class SchemaValidation(FieldErrors errors)
{
    public void Validate(JsonTree value, JsonTree? old, SchemaNode schema, string path)
    {
        if (ReferenceEquals(value, old))
        {
            return;
        }

        if (!HasType(value, schema, out var wanted))
        {
            var shown = FieldErrors.Quote(TypeOf(value));
            errors.WrongType(path, shown, $"{path} in body must be of type {wanted}: {shown}");
            return;
        }

        switch (value)
        {
            case JsonMap map:
                ValidateMap(map, old as JsonMap, schema, path);
                break;
            case JsonList list:
                ValidateList(list, old as JsonList, schema, path);
                break;
            case JsonText text:
                ValidateText(text, schema, path);
                break;
            case JsonNumber number:
                ValidateNumber(number, schema, path);
                break;
        }

        if (!schema.Enum.IsEmpty && !schema.Enum.Contains(value))
        {
            errors.NotSupported(path, value, [.. schema.Enum.Select(item => item is JsonText text ? text.Value : item.ToString())]);
        }

        ValidateCombinations(value, schema, path);
        ValidateRules(value, old, schema, path);
    }

    private static bool Accepts(JsonTree value, SchemaNode schema, string path)
    {
        var found = new FieldErrors();
        new SchemaValidation(found).Validate(value, null, schema, path);
        return !found.Any;
    }

    private static string TypeOf(JsonTree value) => value switch
    {
        JsonText => "string",
        JsonBoolean => "boolean",
        JsonList => "array",
        JsonMap => "object",
        JsonNumber number => number.TryGetInt64(out _) ? "integer" : "number",
        _ => "null",
    };

    private static bool HasType(JsonTree value, SchemaNode schema, out string wanted)
    {
        wanted = schema.Type;
        return schema.IsIntOrString ? value is JsonText || TypeOf(value) == "integer" : schema.Type switch
        {
            "" => true,
            "number" => value is JsonNumber,
            var type => type == TypeOf(value),
        };
    }

    private void ValidateMap(JsonMap map, JsonMap? old, SchemaNode schema, string path)
    {
        foreach (var name in schema.Required)
        {
            if (!map.Contains(name))
            {
                errors.Required(Join(path, name), "");
            }
        }

        foreach (var (key, child) in map.AsSpan())
        {
            if ((schema.Properties.GetValueOrDefault(key) ?? schema.Values) is { } below)
            {
                Validate(child, old?[key], below, schema.Properties.ContainsKey(key) ? Join(path, key) : $"{path}[{key}]");
            }
        }

        if (schema.Tree.Number("minProperties") is { } least && map.Count < least)
        {
            errors.Invalid(path, map, $"{path} in body should have at least {least} properties");
        }

        if (schema.Tree.Number("maxProperties") is { } most && map.Count > most)
        {
            errors.TooMany(path, map.Count, (int)most);
        }
    }

    private void ValidateList(JsonList list, JsonList? old, SchemaNode schema, string path)
    {
        if (schema.Tree.Number("minItems") is { } least && list.Count < least)
        {
            errors.Invalid(path, list.Count, $"{path} in body should have at least {least} items");
        }

        if (schema.Tree.Number("maxItems") is { } most && list.Count > most)
        {
            errors.TooMany(path, list.Count, (int)most);
        }

        ValidateDistinct(list, schema, path);
        if (schema.Items is not { } items)
        {
            return;
        }

        for (var i = 0; i < list.Count; i++)
        {
            Validate(list[i], old is not null && i < old.Count ? old[i] : null, items, $"{path}[{i}]");
        }
    }

    private void ValidateDistinct(JsonList list, SchemaNode schema, string path)
    {
        var isSet = schema.Tree.Text("x-kubernetes-list-type") == "set";
        var keys = (schema.Tree.List("x-kubernetes-list-map-keys")?.Texts() ?? []).ToList();
        if (!isSet && keys.Count == 0)
        {
            return;
        }

        var seen = new List<JsonTree>();
        for (var i = 0; i < list.Count; i++)
        {
            var identity = isSet || list[i] is not JsonMap item ? list[i] : JsonMap.Of([.. keys.Select(key => (key, item[key]))]);
            if (seen.Contains(identity))
            {
                errors.Duplicate($"{path}[{i}]", identity);
            }

            seen.Add(identity);
        }
    }

    private void ValidateText(JsonText text, SchemaNode schema, string path)
    {
        if (schema.Tree.Number("minLength") is { } least && text.Value.Length < least)
        {
            errors.Invalid(path, text, $"{path} in body should be at least {least} chars long");
        }

        if (schema.Tree.Number("maxLength") is { } most && text.Value.Length > most)
        {
            errors.TooLong(path, (int)most);
        }

        if (schema.Pattern is { } pattern && !pattern.IsMatch(text.Value))
        {
            errors.Invalid(path, text, $"{path} in body should match '{pattern}'");
        }

        if (schema.Tree.Text("format") == "date-time" && Shapes.GoTime.Judge(text.Value, micro: false) is not null)
        {
            errors.Invalid(path, text, $"{path} in body must be of type date-time: {text}");
        }
    }

    private void ValidateNumber(JsonNumber number, SchemaNode schema, string path)
    {
        if (!decimal.TryParse(number.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
        {
            return;
        }

        if (Bound(schema, "minimum") is { } least)
        {
            var isOpen = schema.Tree.Boolean("exclusiveMinimum") == true;
            if (isOpen ? value <= least : value < least)
            {
                errors.Invalid(path, number, $"{path} in body should be greater than {(isOpen ? "" : "or equal to ")}{Show(least)}");
            }
        }

        if (Bound(schema, "maximum") is { } most)
        {
            var isOpen = schema.Tree.Boolean("exclusiveMaximum") == true;
            if (isOpen ? value >= most : value > most)
            {
                errors.Invalid(path, number, $"{path} in body should be less than {(isOpen ? "" : "or equal to ")}{Show(most)}");
            }
        }

        if (Bound(schema, "multipleOf") is { } step && step != 0 && value % step != 0)
        {
            errors.Invalid(path, number, $"{path} in body should be a multiple of {Show(step)}");
        }
    }

    private void ValidateCombinations(JsonTree value, SchemaNode schema, string path)
    {
        foreach (var part in schema.All)
        {
            Validate(value, null, part, path);
        }

        if (!schema.Any.IsEmpty && !schema.Any.Any(part => Accepts(value, part, path)))
        {
            errors.Invalid(path, value, $"{path} in body must validate at least one schema (anyOf)");
        }

        if (!schema.One.IsEmpty && schema.One.Count(part => Accepts(value, part, path)) != 1)
        {
            errors.Invalid(path, value, $"{path} in body must validate one and only one schema (oneOf)");
        }

        if (schema.Not is { } not && Accepts(value, not, path))
        {
            errors.Invalid(path, value, $"{path} in body must not validate the schema (not)");
        }
    }

    private void ValidateRules(JsonTree value, JsonTree? old, SchemaNode schema, string path)
    {
        foreach (var rule in schema.Rules)
        {
            if (!rule.Holds(value, old))
            {
                var shown = value is JsonMap ? "\"object\"" : value is JsonList ? "\"array\"" : value.ToString();
                errors.InvalidAs(rule.FieldPath.Length > 0 ? path + rule.FieldPath : path, shown, rule.Message);
            }
        }
    }

    private static decimal? Bound(SchemaNode schema, string key) =>
        schema.Tree[key] is JsonNumber bound
        && decimal.TryParse(bound.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;

    private static string Show(decimal bound) => bound.ToString("0.#############", CultureInfo.InvariantCulture);

    private static string Join(string path, string name) => path.Length == 0 ? name : path + "." + name;
}
