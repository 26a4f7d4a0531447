using System.Collections.Immutable;
using LocalPv.Core.Units;

namespace LocalPv.Core.Kubernetes.Json;

/// <summary>
/// Reads the fields of one object strictly and gathers all errors, each naming its key by the path to it. A key that was never asked
/// for is an error when reading ends with <see cref="RefuseOthers"/>.
/// </summary>
internal sealed class FieldReader(JsonMap map, string path, List<string> errors)
{
    private const int ValueLengthMax = 100;

    private readonly SortedSet<string> _known = new(StringComparer.Ordinal);

    /// <summary>The path to a key, as errors name it.</summary>
    internal string PathTo(string key) => path.Length == 0 ? key : path + "." + key;

    internal bool Has(string key)
    {
        _known.Add(key);
        return map.Contains(key);
    }

    internal void Error(string key, string problem) => errors.Add($"{PathTo(key)}: {problem}");

    internal string? Text(string key) => Read(key, "a text", tree => (tree as JsonText)?.Value);

    internal bool? Boolean(string key) => ReadValue<bool>(key, "true or false", tree => (tree as JsonBoolean)?.Value);

    internal long? Number(string key) =>
        ReadValue<long>(key, "a whole number", tree => tree is JsonNumber number && number.TryGetInt64(out var value) ? value : null);

    internal Bytes? Amount(string key)
    {
        var text = Read(key, "a quantity such as \"10Gi\"", tree => tree switch
        {
            JsonText written => written.Value,
            JsonNumber number => number.Text,
            _ => null,
        });
        if (text is null)
        {
            return null;
        }

        if (Quantity.TryParse(text, out var bytes, out var error))
        {
            return bytes;
        }

        Error(key, error);
        return null;
    }

    internal FieldReader? Object(string key) =>
        Read(key, "an object", tree => tree as JsonMap) is { } found ? new FieldReader(found, PathTo(key), errors) : null;

    /// <summary>The texts of a list, each with the path that names it; empty where there is no list.</summary>
    internal ImmutableArray<(string Path, string Text)> Texts(string key) =>
        Items(key, "a text", tree => (tree as JsonText)?.Value);

    internal ImmutableArray<FieldReader> Objects(string key) =>
        [.. Items(key, "an object", tree => tree as JsonMap).Select(item => new FieldReader(item.Value, item.Path, errors))];

    /// <summary>An object of texts, or null where there is none.</summary>
    internal ImmutableSortedDictionary<string, string>? TextsByKey(string key)
    {
        if (Read(key, "an object", tree => tree as JsonMap) is not { } found)
        {
            return null;
        }

        var texts = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in found)
        {
            if (value is JsonText text)
            {
                texts[name] = text.Value;
            }
            else
            {
                Error($"{key}.{name}", $"must be a text, but is {Short(value)}.");
            }
        }

        return texts.ToImmutable();
    }

    /// <summary>Says of every key that nobody asked for that it is unknown, and which ones there are.</summary>
    internal void RefuseOthers()
    {
        foreach (var key in map.Keys.Where(key => !_known.Contains(key)))
        {
            Error(key, $"is an unknown key; known are {string.Join(", ", _known)}.");
        }
    }

    // What stands in an object may be a megabyte; a message is read by a person, and written on an event.
    private static string Short(JsonTree value)
    {
        var text = value.ToString();
        return text.Length <= ValueLengthMax ? text : text[..ValueLengthMax] + "…";
    }

    private T? Read<T>(string key, string what, Func<JsonTree, T?> convert)
        where T : class
    {
        _known.Add(key);
        if (!map.TryGet(key, out var tree))
        {
            return null;
        }

        var value = convert(tree);
        if (value is null)
        {
            Error(key, $"must be {what}, but is {Short(tree)}.");
        }

        return value;
    }

    private T? ReadValue<T>(string key, string what, Func<JsonTree, T?> convert)
        where T : struct
    {
        _known.Add(key);
        if (!map.TryGet(key, out var tree))
        {
            return null;
        }

        var value = convert(tree);
        if (value is null)
        {
            Error(key, $"must be {what}, but is {Short(tree)}.");
        }

        return value;
    }

    private ImmutableArray<(string Path, T Value)> Items<T>(string key, string what, Func<JsonTree, T?> convert)
        where T : class
    {
        var found = ImmutableArray.CreateBuilder<(string, T)>();
        var list = Read(key, "a list", tree => tree as JsonList) ?? JsonList.Empty;
        for (var i = 0; i < list.Count; i++)
        {
            var item = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{key}[{i}]");
            if (convert(list[i]) is { } value)
            {
                found.Add((PathTo(item), value));
            }
            else
            {
                Error(item, $"must be {what}, but is {Short(list[i])}.");
            }
        }

        return found.ToImmutable();
    }
}
