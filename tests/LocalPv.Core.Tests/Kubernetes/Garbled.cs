using System.Text.Json;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Core.Tests.Kubernetes;

/// <summary>JSON that is well formed and means something else: values, types and keys changed at random places.</summary>
internal static class Garbled
{
    private static readonly JsonTree[] Nasty =
    [
        JsonNull.Instance, true, 0, -1, long.MaxValue, long.MinValue, "", " ", "-1", "9223372036854775807Ki", "1e99", "0.0000001Gi", "\0",
        "../..", "/dev/../etc", "--force", "a,b=c", "NaN", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z",
        "2026-13-40T99:99:99Z", "\ud83d\ude00",
        new string('x', 5000), JsonMap.Empty, JsonList.Empty, JsonList.Of("a", "a"), JsonTree.Parse("123456789012345678901234567890.5e5"),
        JsonTree.Parse("[[[[[[[[[[{}]]]]]]]]]]"), JsonMap.Of(("", "")), JsonMap.Of(("name", 7)),
    ];

    /// <summary><paramref name="whole"/> with one to three changes.</summary>
    internal static JsonMap Of(JsonMap whole, Random random)
    {
        for (var changes = 1 + random.Next(3); changes > 0; changes--)
        {
            whole = Change(whole, random);
        }

        return whole;
    }

    private static JsonMap Change(JsonMap map, Random random)
    {
        if (map.Count == 0 || random.Next(12) == 0)
        {
            return map.With("unknown", Nasty[random.Next(Nasty.Length)]);
        }

        var key = map.Keys.ElementAt(random.Next(map.Count));
        return random.Next(12) == 0 ? map.Without(key) : map.With(key, Change(map[key]!, random));
    }

    private static JsonTree Change(JsonTree tree, Random random) => tree switch
    {
        JsonMap { Count: > 0 } map when random.Next(6) > 0 => Change(map, random),
        JsonList { Count: > 0 } list when random.Next(6) > 0 => Change(list, random),
        JsonText { Value: ['{', ..] } document when random.Next(3) > 0 && Parsed(document.Value) is { } inner =>
            Change(inner, random).ToString(),
        JsonText { Value.Length: > 0 } text when random.Next(3) == 0 => text.Value.Remove(random.Next(text.Value.Length), 1),
        _ => Nasty[random.Next(Nasty.Length)],
    };

    // A document that was cut before is a text like any other.
    private static JsonMap? Parsed(string document)
    {
        try
        {
            return JsonTree.Parse(document) as JsonMap;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonList Change(JsonList list, Random random)
    {
        var at = random.Next(list.Count);
        var items = list.ToList();
        items[at] = Change(items[at], random);
        return new JsonList([.. items]);
    }
}
