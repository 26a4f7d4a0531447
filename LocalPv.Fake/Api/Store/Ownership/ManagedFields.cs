using System.Collections.Immutable;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Api.Store.Ownership;

/// <summary>Who owns which fields, by one way of writing.</summary>
internal sealed record FieldOwner(string Name, string Operation, string ApiVersion, string Subresource, string Time, FieldSet Fields)
{
    public bool IsSame(FieldOwner other) =>
        Name == other.Name && Operation == other.Operation && Subresource == other.Subresource
        && (Operation == "Apply" || ApiVersion == other.ApiVersion);
}

/// <summary>The owners of an object's fields: <c>metadata.managedFields</c>.</summary>
internal static class ManagedFields
{
    // Fields of metadata that belong to the server; a client that sends them does not own them.
    private static readonly string[] ServersOwn =
    [
        "f:name", "f:namespace", "f:creationTimestamp", "f:selfLink", "f:uid", "f:generation", "f:managedFields", "f:resourceVersion",
        "f:deletionTimestamp", "f:deletionGracePeriodSeconds",
    ];

    public static ImmutableArray<FieldOwner> Read(JsonMap? body) =>
    [
        .. (body?.Map("metadata")?.List("managedFields")?.Maps() ?? []).Select(entry => new FieldOwner(
            entry.Text("manager") ?? "",
            entry.Text("operation") ?? "",
            entry.Text("apiVersion") ?? "",
            entry.Text("subresource") ?? "",
            entry.Text("time") ?? "",
            ReadFields(entry.Map("fieldsV1")))),
    ];

    /// <summary>The list in the order of a real server: applies first, then by time, name, version and subresource.</summary>
    public static JsonList ToTree(IEnumerable<FieldOwner> owners) => new(
    [
        .. owners
            .Where(owner => !owner.Fields.IsEmpty)
            .OrderBy(owner => owner.Operation, StringComparer.Ordinal)
            .ThenBy(owner => owner.Time, StringComparer.Ordinal)
            .ThenBy(owner => owner.Name, StringComparer.Ordinal)
            .ThenBy(owner => owner.ApiVersion, StringComparer.Ordinal)
            .ThenBy(owner => owner.Subresource, StringComparer.Ordinal)
            .Select(owner => (JsonTree)JsonMap.Of(
                ("manager", owner.Name),
                ("operation", owner.Operation),
                ("apiVersion", owner.ApiVersion),
                ("time", owner.Time),
                ("fieldsType", "FieldsV1"),
                ("fieldsV1", owner.Fields.ToTree()),
                ("subresource", owner.Subresource.Length == 0 ? null : (JsonTree)owner.Subresource))),
    ]);

    /// <summary>Takes out what no client owns: type, names, and what the server keeps in metadata.</summary>
    public static FieldSet Strip(FieldSet fields)
    {
        fields.Remove("f:apiVersion");
        fields.Remove("f:kind");
        if (fields.Find("f:metadata") is { } metadata)
        {
            metadata.IsMember = false;
            foreach (var element in ServersOwn)
            {
                metadata.Remove(element);
            }
        }

        return fields.Trim();
    }

    /// <summary>
    /// The owners after somebody wrote a new state: the writer owns what it added or changed, others lose it, and nobody owns what is gone.
    /// The same instances where nothing changed.
    /// </summary>
    public static ImmutableArray<FieldOwner> AfterUpdate(
        ImmutableArray<FieldOwner> owners, FieldDifference difference, FieldOwner writer, Instant now)
    {
        var taken = Strip(difference.Added).Union(Strip(difference.Modified));
        var lost = taken.Union(Strip(difference.Removed));
        if (lost.IsEmpty)
        {
            return owners;
        }

        var kept = owners.Select(owner => owner with { Fields = owner.Fields.Except(lost) }).ToList();
        if (!taken.IsEmpty)
        {
            var index = kept.FindIndex(owner => owner.IsSame(writer));
            var own = index < 0 ? taken : kept[index].Fields.Union(taken);
            if (index >= 0)
            {
                kept.RemoveAt(index);
            }

            kept.Add(writer with { Fields = own, Time = now.ToRfc3339() });
        }

        return [.. kept.Where(owner => !owner.Fields.IsEmpty)];
    }

    private static FieldSet ReadFields(JsonMap? fields)
    {
        var set = FieldSet.Read(fields ?? JsonMap.Empty);
        set.IsMember = false;
        return set;
    }
}
