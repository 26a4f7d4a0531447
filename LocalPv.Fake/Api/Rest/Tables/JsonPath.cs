using System.Collections.Immutable;
using System.Globalization;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Rest.Tables;

/// <summary>
/// The part of Kubernetes' JSONPath that printer columns use: <c>.key</c>, <c>.key\.with\.dots</c>, <c>['key']</c>, <c>[0]</c>,
/// <c>[*]</c> and <c>[?(@.key=="value")]</c>. A path that is written otherwise finds nothing.
/// </summary>
public sealed class JsonPath
{
    private readonly ImmutableArray<Func<JsonTree, IEnumerable<JsonTree>>> _steps;

    private JsonPath(ImmutableArray<Func<JsonTree, IEnumerable<JsonTree>>> steps) => _steps = steps;

    /// <summary>Reads a path.</summary>
    public static JsonPath Parse(string text)
    {
        var steps = ImmutableArray.CreateBuilder<Func<JsonTree, IEnumerable<JsonTree>>>();
        var at = 0;
        while (at < text.Length)
        {
            if (text[at] == '[')
            {
                var end = text.IndexOf(']', at);
                if (end < 0)
                {
                    return new([_ => []]);
                }

                steps.Add(Bracket(text[(at + 1)..end]));
                at = end + 1;
            }
            else
            {
                steps.Add(Key(ReadKey(text, ref at)));
            }
        }

        return new(steps.ToImmutable());
    }

    /// <summary>What lies at the path, in order; empty for nothing.</summary>
    public ImmutableArray<JsonTree> Find(JsonTree root)
    {
        IEnumerable<JsonTree> here = [root];
        foreach (var step in _steps)
        {
            here = here.SelectMany(step);
        }

        return [.. here];
    }

    private static string ReadKey(string text, ref int at)
    {
        var key = new System.Text.StringBuilder();
        at += text[at] == '.' ? 1 : 0;
        for (; at < text.Length && text[at] is not ('.' or '['); at++)
        {
            at += text[at] == '\\' && at + 1 < text.Length ? 1 : 0;
            key.Append(text[at]);
        }

        return key.ToString();
    }

    private static Func<JsonTree, IEnumerable<JsonTree>> Bracket(string inside)
    {
        if (inside == "*")
        {
            return here => here switch
            {
                JsonList list => list,
                JsonMap map => map.Select(entry => entry.Value),
                _ => [],
            };
        }

        if (int.TryParse(inside, CultureInfo.InvariantCulture, out var index))
        {
            return here => here is JsonList list && (index < 0 ? list.Count + index : index) is var i && i >= 0 && i < list.Count
                ? [list[i]] : [];
        }

        return inside.StartsWith("?(@", StringComparison.Ordinal) && inside.EndsWith(')') ? Filter(inside[3..^1])
            : Key(inside.Trim('\'', '"'));
    }

    private static Func<JsonTree, IEnumerable<JsonTree>> Filter(string condition)
    {
        var equals = condition.IndexOf("==", StringComparison.Ordinal);
        if (equals < 0)
        {
            return _ => [];
        }

        var path = Parse(condition[..equals].Trim());
        var wanted = condition[(equals + 2)..].Trim().Trim('\'', '"');
        return here => here is JsonList list
            ? list.Where(item => path.Find(item) is [var found, ..] && (found as JsonText)?.Value == wanted)
            : [];
    }

    private static Func<JsonTree, IEnumerable<JsonTree>> Key(string key) =>
        here => key.Length == 0 ? [here] : here is JsonMap map && map.TryGet(key, out var value) ? [value] : [];
}
