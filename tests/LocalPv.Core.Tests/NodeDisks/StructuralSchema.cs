using System.Globalization;
using System.Text.RegularExpressions;
using LocalPv.Core.Kubernetes.Json;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace LocalPv.Core.Tests.NodeDisks;

/// <summary>
/// As much of Kubernetes' structural schemas as our definition uses. An unknown field is an error, as with strict validation.
/// </summary>
internal sealed class StructuralSchema(JsonMap schema)
{
    /// <summary>The paths of all fields, with [] for the items of lists.</summary>
    internal IEnumerable<string> Paths() => Paths("", schema);

    /// <summary>The paths of all fields of a value, in the same form.</summary>
    internal static IEnumerable<string> PathsOf(JsonTree value, string path = "") => value switch
    {
        JsonMap map => map.SelectMany(entry => PathsOf(entry.Value, Join(path, entry.Key)).Prepend(Join(path, entry.Key))),
        JsonList list => list.SelectMany(item => PathsOf(item, path + "[]")),
        _ => [],
    };

    /// <summary>What is wrong with a value.</summary>
    internal IReadOnlyList<string> Errors(JsonTree value) => [.. Errors("", value, schema)];

    internal static JsonMap ReadYaml(string pathInRepository)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "LocalPv.sln")))
        {
            folder = folder.Parent;
        }

        using var reader = new StreamReader(Path.Combine(folder!.FullName, pathInRepository));
        var stream = new YamlStream();
        stream.Load(reader);
        return (JsonMap)Convert(stream.Documents.Single().RootNode);
    }

    private static string Join(string path, string key) => path.Length == 0 ? key : path + "." + key;

    private static IEnumerable<string> Paths(string path, JsonMap here)
    {
        foreach (var (key, child) in here.Map("properties") ?? JsonMap.Empty)
        {
            yield return Join(path, key);
            foreach (var below in Paths(Join(path, key), (JsonMap)child))
            {
                yield return below;
            }
        }

        foreach (var below in here.Map("items") is { } items ? Paths(path + "[]", items) : [])
        {
            yield return below;
        }
    }

    private static IEnumerable<string> Errors(string path, JsonTree value, JsonMap here)
    {
        var intOrString = here.Boolean("x-kubernetes-int-or-string") == true;
        var found = value switch
        {
            JsonMap => "object",
            JsonList => "array",
            JsonText => intOrString ? null : "string",
            JsonBoolean => "boolean",
            JsonNumber => intOrString ? null : "integer",
            _ => "null",
        };
        if (found != here.Text("type"))
        {
            return [$"{path}: is {found}, not {here.Text("type")}"];
        }

        return value switch
        {
            JsonMap map => OfMap(path, map, here),
            JsonList list => OfList(path, list, here),
            JsonText text => OfText(path, text.Value, here),
            JsonNumber number => OfNumber(path, number, here),
            _ => [],
        };
    }

    private static IEnumerable<string> OfMap(string path, JsonMap map, JsonMap here)
    {
        var properties = here.Map("properties") ?? JsonMap.Empty;
        var missing = (here.List("required")?.Texts() ?? []).Where(key => !map.Contains(key));
        return missing.Select(key => $"{Join(path, key)}: is missing").Concat(map.SelectMany(entry => properties.Map(entry.Key) is { } child
            ? Errors(Join(path, entry.Key), entry.Value, child)
            : [$"{Join(path, entry.Key)}: is unknown"]));
    }

    private static IEnumerable<string> OfList(string path, JsonList list, JsonMap here)
    {
        var keys = here.List("x-kubernetes-list-map-keys")?.Texts().ToArray() ?? [];
        var identities = list.Select(item => keys.Length == 0 ? item.ToString() : ((JsonMap)item).Text(keys[0])).ToArray();
        var unique = here.Text("x-kubernetes-list-type") is not ("set" or "map") || identities.Distinct().Count() == identities.Length;
        return list.SelectMany(item => Errors(path + "[]", item, here.Map("items")!))
            .Concat(unique ? [] : [$"{path}: has repeated items"])
            .Concat(list.Count <= (here.Number("maxItems") ?? long.MaxValue) ? [] : [$"{path}: has too many items"]);
    }

    private static IEnumerable<string> OfText(string path, string text, JsonMap here)
    {
        var fits = here.Text("pattern") is not { } pattern || Regex.IsMatch(text, pattern);
        var allowed = here.List("enum") is not { } values || values.Texts().Contains(text);
        var length = text.Length >= (here.Number("minLength") ?? 0) && text.Length <= (here.Number("maxLength") ?? int.MaxValue);
        return fits && allowed && length ? [] : [$"{path}: '{text}' is not valid"];
    }

    private static IEnumerable<string> OfNumber(string path, JsonNumber number, JsonMap here) =>
        number.TryGetInt64(out var value)
        && value >= (here.Number("minimum") ?? long.MinValue) && value <= (here.Number("maximum") ?? long.MaxValue)
            ? []
            : [$"{path}: {number} is out of range"];

    private static JsonTree Convert(YamlNode node) => node switch
    {
        YamlMappingNode map => JsonMap.FromDistinct(map.Children.Select(child =>
            new KeyValuePair<string, JsonTree>(((YamlScalarNode)child.Key).Value!, Convert(child.Value)))),
        YamlSequenceNode list => new JsonList([.. list.Select(Convert)]),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "true" or "false" } scalar => scalar.Value == "true",
        YamlScalarNode { Style: ScalarStyle.Plain } scalar
            when long.TryParse(scalar.Value, CultureInfo.InvariantCulture, out var number) => number,
        YamlScalarNode scalar => scalar.Value!,
        _ => throw new InvalidDataException($"{node} is not plain YAML."),
    };
}
