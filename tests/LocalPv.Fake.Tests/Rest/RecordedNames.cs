using System.Text.RegularExpressions;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Tests.Rest;

/// <summary>
/// What the recording calls a thing, and what the replay calls it: uids, versions, continue tokens and generated names, learned from
/// answers at the same place. What was learned once must stay so: an answer that uses another is a difference.
/// </summary>
public sealed partial class RecordedNames
{
    private readonly SortedDictionary<string, string> _known = new(StringComparer.Ordinal);

    /// <summary>A request's text in the words of the replay.</summary>
    public string Translate(string text)
    {
        text = UidPattern().Replace(text, match => Known("uid", match.Value));
        text = BodyVersionPattern().Replace(text, match => $"\"resourceVersion\":\"{Known("version", match.Groups[1].Value)}\"");
        text = QueryVersionPattern().Replace(text, match => $"resourceVersion={Known("version", match.Groups[1].Value)}");
        return ContinuePattern().Replace(text, match => $"continue={Known("continue", match.Groups[1].Value)}");
    }

    /// <summary>The differences of two answers, each a path and both values; times and what is learned are no differences.</summary>
    public IEnumerable<string> Compare(string path, JsonTree? recorded, JsonTree? replayed)
    {
        switch (recorded, replayed)
        {
            case (JsonMap a, JsonMap b):
                return a.Keys.Union(b.Keys).Order(StringComparer.Ordinal).SelectMany(key =>
                    Compare($"{path}.{key}", a[key], b[key])).ToList();
            case (JsonList a, JsonList b) when a.Count == b.Count:
                return a.Zip(b).SelectMany((pair, index) => Compare($"{path}[{index}]", pair.First, pair.Second)).ToList();
            case (JsonText a, JsonText b):
                return SameText(path, a.Value, b.Value) ? [] : [$"{path}: recorded {recorded}, replayed {replayed}"];
            default:
                return Equals(recorded, replayed) ? [] : [$"{path}: recorded {recorded?.ToString() ?? "nothing"}, "
                    + $"replayed {replayed?.ToString() ?? "nothing"}"];
        }
    }

    private bool SameText(string path, string recorded, string replayed)
    {
        if (recorded == replayed)
        {
            return true;
        }

        if (TimePattern().IsMatch(recorded) && TimePattern().IsMatch(replayed) && !path.Contains(".spec", StringComparison.Ordinal))
        {
            return true;
        }

        var last = path[(path.LastIndexOf('.') + 1)..];
        return last switch
        {
            "uid" => Learn("uid", recorded, replayed),
            "resourceVersion" => Learn("version", recorded, replayed),
            "continue" => Learn("continue", recorded, replayed),
            "name" when path.Contains("metadata", StringComparison.Ordinal) => Learn("name", recorded, replayed),
            "message" => Blur(recorded) == Blur(replayed),
            _ => false,
        };
    }

    // Messages name uids that were learned, and versions of the server that nobody else could know.
    private string Blur(string message) =>
        ServerVersionPattern().Replace(UidPattern().Replace(message, match => Known("uid", match.Value)), "N");

    private string Known(string what, string recorded) => _known.GetValueOrDefault(what + " " + recorded, recorded);

    // Names that a server generates end in five characters of its own choice; what stands before them must be the same.
    private bool Learn(string what, string recorded, string replayed)
    {
        if (what == "name" && (recorded.Length != replayed.Length || recorded.Length < 6 || recorded[..^5] != replayed[..^5]))
        {
            return false;
        }

        var key = what + " " + recorded;
        if (_known.TryGetValue(key, out var known))
        {
            return known == replayed;
        }

        _known.Add(key, replayed);
        return true;
    }

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex UidPattern();

    [GeneratedRegex("\"resourceVersion\":\"([0-9]+)\"")]
    private static partial Regex BodyVersionPattern();

    [GeneratedRegex("resourceVersion=([0-9]+)")]
    private static partial Regex QueryVersionPattern();

    [GeneratedRegex("continue=([A-Za-z0-9_-]+)")]
    private static partial Regex ContinuePattern();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")]
    private static partial Regex TimePattern();

    [GeneratedRegex(@"(?<=too old resource version: .*|current: )\d+")]
    private static partial Regex ServerVersionPattern();
}
