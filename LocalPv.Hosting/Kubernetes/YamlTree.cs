using System.Globalization;
using System.Numerics;
using System.Text.Json;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace LocalPv.Hosting.Kubernetes;

/// <summary>
/// Reads YAML as JSON trees, by the rules that kubectl reads manifests with (YAML 1.1's words for truth values included). Anchors,
/// aliases and merge keys are followed; documents that unfold to too much are refused.
/// </summary>
public static class YamlTree
{
    // A manifest of a hundred thousand values is already absurd; the bound stops aliases that multiply each other.
    private const int NodesMax = 200_000;
    private const int DepthMax = 100;

    private const int OctalDigitsMax = 21;

    /// <summary>The documents of a text, empty ones left out. A failure is <see cref="OutcomeKind.Refused"/> and names line and
    /// column.</summary>
    public static Outcome<IReadOnlyList<JsonTree>> ReadAll(string text, string source)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
            var budget = NodesMax;
            var documents = new List<JsonTree>();
            foreach (var document in stream.Documents)
            {
                var tree = Read(document.RootNode, 0, ref budget);
                if (tree is not JsonNull)
                {
                    documents.Add(tree);
                }
            }

            return Outcome.Done<IReadOnlyList<JsonTree>>(documents);
        }
        catch (YamlException error)
        {
            return Outcome.Failed<IReadOnlyList<JsonTree>>(
                OutcomeKind.Refused,
                $"{source}, line {error.Start.Line}, column {error.Start.Column}: not valid YAML: {error.Message}");
        }
        catch (InvalidOperationException)
        {
            // How YamlDotNet's scanner ends when the text ends inside a list or map.
            var lines = text.Count(c => c == '\n') + 1;
            return Outcome.Failed<IReadOnlyList<JsonTree>>(
                OutcomeKind.Refused, $"{source}, line {lines}: not valid YAML: the text ends inside a [list] or {{map}}");
        }
        catch (JsonException error)
        {
            return Outcome.Failed<IReadOnlyList<JsonTree>>(OutcomeKind.Refused, $"{source}: {error.Message}");
        }
    }

    private static JsonTree Read(YamlNode node, int depth, ref int budget)
    {
        if (--budget < 0 || depth > DepthMax)
        {
            throw new YamlException(node.Start, node.End, $"the document has more than {NodesMax} values or is nested deeper "
                + $"than {DepthMax}");
        }

        switch (node)
        {
            case YamlScalarNode scalar:
                return ReadScalar(scalar);
            case YamlSequenceNode sequence:
                var items = new List<JsonTree>(sequence.Children.Count);
                foreach (var child in sequence.Children)
                {
                    items.Add(Read(child, depth + 1, ref budget));
                }

                return new JsonList([.. items]);
            case YamlMappingNode mapping:
                return ReadMap(mapping, depth, ref budget);
            default:
                throw new YamlException(node.Start, node.End, $"a {node.NodeType} cannot be read as JSON");
        }
    }

    private static JsonMap ReadMap(YamlMappingNode mapping, int depth, ref int budget)
    {
        var entries = new SortedDictionary<string, JsonTree>(StringComparer.Ordinal);
        var merged = new List<JsonMap>();
        foreach (var (keyNode, valueNode) in mapping.Children)
        {
            if (keyNode is not YamlScalarNode { Value: { } key })
            {
                throw new YamlException(keyNode.Start, keyNode.End, "a key that is not a text");
            }

            var value = Read(valueNode, depth + 1, ref budget);
            if (key == "<<" && value is JsonMap or JsonList)
            {
                merged.AddRange(value is JsonMap map ? [map] : ((JsonList)value).Maps());
            }
            else
            {
                entries[key] = value;
            }
        }

        foreach (var (key, value) in merged.SelectMany(map => map))
        {
            entries.TryAdd(key, value);
        }

        return JsonMap.FromDistinct(entries);
    }

    private static JsonTree ReadScalar(YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        if (scalar.Style != ScalarStyle.Plain && scalar.Style != ScalarStyle.Any)
        {
            return text;
        }

        if (!scalar.Tag.IsEmpty && !scalar.Tag.IsNonSpecific && scalar.Tag.Value == "tag:yaml.org,2002:str")
        {
            return text;
        }

        return text switch
        {
            "" or "~" or "null" or "Null" or "NULL" => JsonNull.Instance,
            "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON" or "y" or "Y" => true,
            "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF" or "n" or "N" => false,
            _ => ReadNumber(text) ?? text,
        };
    }

    private static JsonTree? ReadNumber(string text)
    {
        if (!char.IsAsciiDigit(text[0]) && text[0] is not ('-' or '+' or '.'))
        {
            return null;
        }

        var digits = text.TrimStart('+');
        if (digits.StartsWith("0x", StringComparison.Ordinal)
            && long.TryParse(digits.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hexadecimal))
        {
            return hexadecimal;
        }

        // A leading zero makes an octal number in YAML 1.1: 0644 is a file mode. What has no room in 63 bits is none.
        if (digits.Length > 1 && digits[0] == '0' && digits.All(c => c is >= '0' and <= '7')
            && digits.TrimStart('0').Length <= OctalDigitsMax)
        {
            return digits.Aggregate(0L, (value, c) => checked((value * 8) + (c - '0')));
        }

        if (BigInteger.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
        {
            return JsonTree.Parse(whole.ToString(CultureInfo.InvariantCulture));
        }

        const NumberStyles Real = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return decimal.TryParse(digits, Real, CultureInfo.InvariantCulture, out var real)
            ? JsonTree.Parse(real.ToString(CultureInfo.InvariantCulture))
            : null;
    }
}
