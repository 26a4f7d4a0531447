using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Api.Rest.Tables;

/// <summary>One column of a kind's table and how its cells are read from objects.</summary>
/// <param name="Name">The heading.</param>
/// <param name="Cell">The cell of an object at a moment.</param>
public sealed record TableColumn(string Name, Func<JsonMap, Instant, JsonTree> Cell)
{
    /// <summary>The OpenAPI type of the cells.</summary>
    public string Type { get; init; } = "string";

    /// <summary>The OpenAPI format; <c>name</c> marks the object's name.</summary>
    public string Format { get; init; } = "";

    /// <summary>What the column tells.</summary>
    public string Description { get; init; } = "";

    /// <summary>0 for always, 1 for <c>-o wide</c> only.</summary>
    public int Priority { get; init; }

    /// <summary>The column that starts every table.</summary>
    public static TableColumn ForName { get; } = new("Name", (item, _) => item.At("metadata", "name") ?? "")
    {
        Format = "name",
        Description = "Name must be unique within a namespace. Is required when creating resources, although some resources may allow "
            + "a client to request the generation of an appropriate name automatically. Name is primarily intended for creation "
            + "idempotence and configuration definition. Cannot be updated. More info: "
            + "https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names",
    };

    /// <summary>How long ago the object was made.</summary>
    public static TableColumn ForAge { get; } =
        new("Age", (item, now) => HumanDuration.Since(now, (item.At("metadata", "creationTimestamp") as JsonText)?.Value))
        {
            Description = "CreationTimestamp is a timestamp representing the server time when this object was created. It is not "
                + "guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is "
                + "represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: "
                + "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata",
        };

    /// <summary>A column whose cell is the text at the end of a path of keys.</summary>
    public static TableColumn Of(string name, string description, params string[] path) =>
        new(name, (item, _) => item.At(path) ?? "") { Description = description };

    /// <summary>A column whose cell is made from the whole object.</summary>
    public static TableColumn Of(string name, string description, Func<JsonMap, JsonTree> cell) =>
        new(name, (item, _) => cell(item)) { Description = description };

    /// <summary>The same column for <c>-o wide</c> only.</summary>
    public TableColumn Wide() => this with { Priority = 1 };

    /// <summary>The column's definition in a table.</summary>
    public JsonMap ToDefinition() => JsonMap.Of(
        ("name", Name), ("type", Type), ("format", Format), ("description", Description), ("priority", Priority));
}
