using System.Globalization;
using LocalPv.Core.Kubernetes.Json;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace LocalPv.Sim.CommandLine;

/// <summary>Reads the YAML that kubectl writes, and manifests, as JSON trees.</summary>
internal static class YamlFile
{
    internal static IEnumerable<JsonTree> Read(string path)
    {
        using var reader = path == "-" ? Console.In : new StreamReader(path);
        var stream = new YamlStream();
        stream.Load(reader);
        return [.. stream.Documents.Select(document => Read(document.RootNode))];
    }

    private static JsonTree Read(YamlNode node) => node switch
    {
        YamlMappingNode map => JsonMap.FromDistinct(map.Children.Select(
            child => KeyValuePair.Create(((YamlScalarNode)child.Key).Value ?? "", Read(child.Value)))),
        YamlSequenceNode list => new JsonList([.. list.Children.Select(Read)]),
        YamlScalarNode { Style: ScalarStyle.Plain } plain => Plain(plain.Value ?? ""),
        YamlScalarNode text => text.Value ?? "",
        _ => JsonNull.Instance,
    };

    private static JsonTree Plain(string text) => text switch
    {
        "" or "~" or "null" => JsonNull.Instance,
        "true" or "yes" or "on" => true,
        "false" or "no" or "off" => false,
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        _ => text,
    };
}
