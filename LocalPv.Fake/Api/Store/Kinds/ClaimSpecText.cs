using System.Globalization;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Store.Kinds;

/// <summary>
/// How a real server shows what is different between two specs of a claim: a unified difference of its own types' fields, one hunk with
/// three lines around.
/// </summary>
internal static class ClaimSpecText
{
    private const int Around = 3;

    private static readonly (string Shown, string Key)[] Fields =
    [
        ("AccessModes", "accessModes"), ("Selector", "selector"), ("Resources", "resources"), ("VolumeName", "volumeName"),
        ("StorageClassName", "storageClassName"), ("VolumeMode", "volumeMode"), ("DataSource", "dataSource"),
        ("DataSourceRef", "dataSourceRef"), ("VolumeAttributesClassName", "volumeAttributesClassName"),
    ];

    public static string Difference(JsonMap before, JsonMap after)
    {
        var (left, right) = (Lines(before), Lines(after));
        var head = 0;
        while (head < left.Count && head < right.Count && left[head] == right[head])
        {
            head++;
        }

        var tail = 0;
        while (tail < left.Count - head && tail < right.Count - head && left[^(tail + 1)] == right[^(tail + 1)])
        {
            tail++;
        }

        var start = Math.Max(0, head - Around);
        var after3 = Math.Min(tail, Around);
        var (leftCount, rightCount) = (left.Count - tail + after3 - start, right.Count - tail + after3 - start);
        var hunk = string.Create(CultureInfo.InvariantCulture, $"@@ -{start + 1},{leftCount} +{start + 1},{rightCount} @@\n");
        return hunk
            + string.Concat(left[start..head].Select(line => " " + line + "\n"))
            + string.Concat(left[head..^tail].Select(line => "-" + line + "\n"))
            + string.Concat(right[head..^tail].Select(line => "+" + line + "\n"))
            + string.Concat(left[^tail..].Take(after3).Select(line => " " + line + "\n"));
    }

    private static List<string> Lines(JsonMap spec)
    {
        var lines = new List<string> { "{" };
        for (var i = 0; i < Fields.Length; i++)
        {
            var (shown, key) = Fields[i];
            var value = key == "resources" ? Resources(spec.Map(key)) : key == "volumeName" ? spec[key] ?? "" : spec[key];
            Append(lines, $" \"{shown}\": ", value, 1, i < Fields.Length - 1 ? "," : "");
        }

        lines.Add("}");
        return lines;
    }

    // The order of the fields is that of the type, not of the alphabet; here both are the same.
    private static JsonMap Resources(JsonMap? given) => JsonMap.Of(
        ("Limits", given?["limits"] ?? JsonNull.Instance), ("Requests", given?["requests"] ?? JsonNull.Instance));

    private static void Append(List<string> lines, string prefix, JsonTree? value, int depth, string suffix)
    {
        var indent = new string(' ', depth);
        switch (value)
        {
            case JsonMap { Count: > 0 } map:
                lines.Add(prefix + "{");
                var left = map.Count;
                foreach (var (key, child) in map.AsSpan())
                {
                    Append(lines, $"{indent} \"{key}\": ", child, depth + 1, --left > 0 ? "," : "");
                }

                lines.Add(indent + "}" + suffix);
                break;
            case JsonList { Count: > 0 } list:
                lines.Add(prefix + "[");
                for (var i = 0; i < list.Count; i++)
                {
                    Append(lines, indent + " ", list[i], depth + 1, i < list.Count - 1 ? "," : "");
                }

                lines.Add(indent + "]" + suffix);
                break;
            default:
                lines.Add(prefix + (value?.ToString() ?? "null") + suffix);
                break;
        }
    }
}
