using System.Collections.Immutable;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Api.Rest.Tables;

/// <summary>The columns that a CustomResourceDefinition asks for.</summary>
public static class CustomColumns
{
    /// <summary>The name, then <c>additionalPrinterColumns</c> of one version of a definition; name and age where it has none.</summary>
    public static ImmutableArray<TableColumn> Of(JsonMap definitionVersion)
    {
        var asked = definitionVersion.List("additionalPrinterColumns");
        return asked is null || asked.Count == 0
            ? [TableColumn.ForName, TableColumn.ForAge with { Type = "date" }]
            : [TableColumn.ForName, .. asked.Maps().Select(Column)];
    }

    private static TableColumn Column(JsonMap asked)
    {
        var type = asked.Text("type") ?? "string";
        var path = JsonPath.Parse(asked.Text("jsonPath") ?? "");
        return new TableColumn(asked.Text("name") ?? "", (item, now) => Cell(type, path.Find(item), now))
        {
            Type = type,
            Format = asked.Text("format") ?? "",
            Description = asked.Text("description") ?? "",
            Priority = (int)(asked.Number("priority") ?? 0),
        };
    }

    // As apiextensions' table convertor: nothing found is null, a date becomes an age, a value of another type than the column's is null.
    private static JsonTree Cell(string type, ImmutableArray<JsonTree> found, Instant now) => (type, found) switch
    {
        (_, []) => JsonNull.Instance,
        ("date", [JsonText moment, ..]) => HumanDuration.Since(now, moment.Value),
        ("integer" or "number", [JsonNumber number, ..]) => number,
        ("boolean", [JsonBoolean value, ..]) => value,
        ("string", _) => string.Join(' ', found.Select(Shown)),
        _ => JsonNull.Instance,
    };

    private static string Shown(JsonTree value) => value is JsonText text ? text.Value : value.ToString();
}
