using System.Collections.Immutable;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store.Shapes;

namespace LocalPv.Fake.Api.Store.Ownership;

/// <summary>What an apply makes of an object.</summary>
/// <param name="Body">The new state, with its owners; null where nothing changes or <paramref name="Conflict"/> says why not.</param>
/// <param name="Conflict">The fields that others own.</param>
internal sealed record Applied(JsonMap? Body, StatusError? Conflict);

/// <summary>
/// Server-side apply: the fields of a configuration are merged into the object and owned by who applies it; what it applied before and no
/// longer does is removed, unless others own it too. Source: sigs.k8s.io/structured-merge-diff/merge/update.go.
/// </summary>
internal static class ServerSideApply
{
    public static Applied Apply(JsonMap live, JsonMap configuration, Shape shape, FieldOwner applier, bool force, Instant now)
    {
        var owners = ManagedFields.Read(live);
        var fields = ManagedFields.Strip(FieldWalk.FieldsOf(configuration, shape));
        var before = owners.FirstOrDefault(owner => owner.IsSame(applier));
        var others = owners.Where(owner => !owner.IsSame(applier)).ToImmutableArray();
        var merged = (JsonMap)Merge(live, configuration, shape)!;
        if (before is not null)
        {
            var stillOwned = others.Aggregate(fields, static (all, owner) => all.Union(owner.Fields));
            merged = (JsonMap?)Remove(merged, before.Fields.Except(stillOwned), shape) ?? JsonMap.Empty;
        }

        var difference = FieldWalk.Compare(live, merged, shape);
        var taken = ManagedFields.Strip(difference.Added).Union(ManagedFields.Strip(difference.Modified));
        var conflicts = others
            .Select(owner => (Owner: owner, Fields: owner.Fields.Intersect(taken)))
            .Where(pair => !pair.Fields.IsEmpty)
            .ToList();
        if (conflicts.Count > 0 && !force)
        {
            return new Applied(null, ConflictOf(conflicts));
        }

        var lost = taken.Union(ManagedFields.Strip(difference.Removed));
        if (lost.IsEmpty && before is not null && before.Fields.SetEquals(fields))
        {
            return new Applied(null, null);
        }

        var after = others
            .Select(owner => owner with { Fields = owner.Fields.Except(lost) })
            .Append(applier with { Fields = fields, Time = now.ToRfc3339() });
        return new Applied(merged.WithAt(["metadata", "managedFields"], ManagedFields.ToTree(after)), null);
    }

    private static JsonTree? Merge(JsonTree? live, JsonTree applied, Shape shape)
    {
        if (applied is JsonMap map && !shape.IsAtomic)
        {
            var result = live as JsonMap ?? JsonMap.Empty;
            foreach (var (key, value) in map.AsSpan())
            {
                result = result.With(key, Merge(result[key], value, shape.Of(key)));
            }

            return result;
        }

        if (live is not JsonList || FieldWalk.Items(applied, shape) is not { } items)
        {
            return applied;
        }

        var merged = FieldWalk.Items(live, shape)!.ToList();
        foreach (var (element, item) in items)
        {
            var index = merged.FindIndex(existing => existing.Element == element);
            if (index < 0)
            {
                merged.Add((element, item));
            }
            else
            {
                merged[index] = (element, Merge(merged[index].Item, item, shape.Item)!);
            }
        }

        return new JsonList([.. merged.Select(pair => pair.Item)]);
    }

    // What is emptied by a removal goes too.
    private static JsonTree? Remove(JsonTree? value, FieldSet gone, Shape shape)
    {
        if (value is null || gone.IsEmpty || (gone.IsMember && !HasBranches(gone)))
        {
            return gone.IsMember ? null : value;
        }

        if (FieldWalk.Items(value, shape) is { } items)
        {
            var left = items
                .Select(pair => gone.Find(pair.Element) is { } below ? Remove(pair.Item, below, shape.Item) : pair.Item)
                .OfType<JsonTree>()
                .ToImmutableArray();
            return left.IsEmpty ? null : new JsonList(left);
        }

        if (value is not JsonMap map)
        {
            return gone.IsMember ? null : value;
        }

        var result = map;
        foreach (var key in map.Keys.ToList())
        {
            if (gone.Find("f:" + key) is { } below)
            {
                result = result.With(key, Remove(map[key], below, shape.Of(key)));
            }
        }

        return gone.IsMember || result.Count == 0 ? null : result;
    }

    private static bool HasBranches(FieldSet set) => set.ToTree().Count > 0;

    private static StatusError ConflictOf(List<(FieldOwner Owner, FieldSet Fields)> conflicts)
    {
        var all = conflicts
            .SelectMany(pair => pair.Fields.Paths().Select(path => (Owner: Show(pair.Owner), Path: FieldPath.Show(path))))
            .ToList();
        var message = all.Count == 1
            ? $"Apply failed with 1 conflict: conflict with {all[0].Owner}: {all[0].Path}"
            : $"Apply failed with {all.Count} conflicts: " + string.Join('\n', all
                .GroupBy(conflict => conflict.Owner)
                .OrderBy(group => group.Key, StringComparer.Ordinal)
                .SelectMany(group => group.Select(conflict => "- " + conflict.Path).Prepend($"conflicts with {group.Key}:")));
        var causes = all.Select(conflict => (JsonTree)JsonMap.Of(
            ("reason", "FieldManagerConflict"), ("message", "conflict with " + conflict.Owner), ("field", conflict.Path)));
        return new StatusError(409, "Conflict", message, JsonMap.Of(("causes", new JsonList([.. causes]))));
    }

    private static string Show(FieldOwner owner) =>
        $"\"{owner.Name}\""
        + (owner.Subresource.Length > 0 ? $" with subresource \"{owner.Subresource}\"" : "")
        + (owner.Operation == "Update" ? " using " + owner.ApiVersion : "");
}
