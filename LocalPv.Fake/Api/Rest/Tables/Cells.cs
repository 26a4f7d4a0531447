using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Rest.Tables;

/// <summary>How kubectl writes what more than one kind's table shows.</summary>
internal static class Cells
{
    /// <summary>Access modes, abbreviated, in kubectl's order.</summary>
    public static string AccessModes(JsonList? modes)
    {
        var given = modes?.Texts().ToList() ?? [];
        (string Mode, string Short)[] known =
            [("ReadWriteOnce", "RWO"), ("ReadOnlyMany", "ROX"), ("ReadWriteMany", "RWX"), ("ReadWriteOncePod", "RWOP")];
        return string.Join(',', known.Where(pair => given.Contains(pair.Mode)).Select(pair => pair.Short));
    }

    /// <summary>A text, or <paramref name="absent"/> where it is missing or empty.</summary>
    public static string Or(JsonTree? value, string absent) => value is JsonText { Value.Length: > 0 } text ? text.Value : absent;

    /// <summary>Labels or a selector as <c>a=b,c=d</c>.</summary>
    public static string KeyValues(JsonMap? pairs) => pairs is null || pairs.Count == 0
        ? "<none>"
        : string.Join(',', pairs.Select(pair => pair.Key + "=" + ((pair.Value as JsonText)?.Value ?? "")));

    /// <summary>The status of a condition; empty where there is no such condition.</summary>
    public static string Condition(JsonMap item, string type) =>
        item.Map("status")?.List("conditions")?.Maps().FirstOrDefault(condition => condition.Text("type") == type)?.Text("status") ?? "";
}
