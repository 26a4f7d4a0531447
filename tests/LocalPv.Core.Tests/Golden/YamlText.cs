using System.Text;
using System.Text.RegularExpressions;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Core.Tests.Golden;

/// <summary>JSON as the YAML that people read: block style, texts without quotes where nothing else can be meant.</summary>
internal static partial class YamlText
{
    private static readonly string[] Keywords = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];

    public static string Of(JsonTree tree)
    {
        var text = new StringBuilder();
        Write(text, tree, 0, afterDash: false);
        return text.ToString();
    }

    private static void Write(StringBuilder text, JsonTree tree, int depth, bool afterDash)
    {
        switch (tree)
        {
            case JsonMap { Count: > 0 } map:
                foreach (var (key, value) in map)
                {
                    text.Append(' ', afterDash ? 0 : depth).Append(Scalar(key)).Append(':');
                    Child(text, value, value is JsonList ? depth : depth + 2);
                    afterDash = false;
                }

                break;
            case JsonList { Count: > 0 } list:
                foreach (var item in list)
                {
                    text.Append(' ', depth).Append("- ");
                    if (item is JsonMap { Count: > 0 })
                    {
                        Write(text, item, depth + 2, afterDash: true);
                    }
                    else
                    {
                        text.Append(Leaf(item)).Append('\n');
                    }
                }

                break;
            default:
                text.Append(Leaf(tree)).Append('\n');
                break;
        }
    }

    private static void Child(StringBuilder text, JsonTree value, int depth)
    {
        if (value is JsonMap { Count: > 0 } or JsonList { Count: > 0 })
        {
            text.Append('\n');
            Write(text, value, depth, afterDash: false);
        }
        else
        {
            text.Append(' ').Append(Leaf(value)).Append('\n');
        }
    }

    private static string Leaf(JsonTree leaf) => leaf is JsonText text ? Scalar(text.Value) : leaf.ToString()!;

    private static string Scalar(string text) =>
        Plain().IsMatch(text) && !Keywords.Contains(text, StringComparer.OrdinalIgnoreCase)
            ? text
            : new JsonText(text).ToString()!;

    [GeneratedRegex("^[A-Za-z/][A-Za-z0-9 ._/-]*(?<! )$")]
    private static partial Regex Plain();
}
