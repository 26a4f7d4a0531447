using System.Collections.Immutable;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Store.Schemas;

/// <summary>Drops what a schema does not know, and fills in its defaults. What is shared with the stored object is passed over.</summary>
internal static class SchemaPruning
{
    public static JsonTree Prune(JsonTree value, JsonTree? old, SchemaNode schema, string path, bool isRoot, List<string> unknown)
    {
        if (ReferenceEquals(value, old))
        {
            return value;
        }

        if (value is JsonList list && schema.Items is { } items)
        {
            ImmutableArray<JsonTree>.Builder? changed = null;
            for (var i = 0; i < list.Count; i++)
            {
                var before = old is JsonList oldList && i < oldList.Count ? oldList[i] : null;
                var kept = Prune(list[i], before, items, $"{path.TrimEnd('.')}[{i}].", false, unknown);
                if (!ReferenceEquals(kept, list[i]))
                {
                    changed ??= list.Items.ToBuilder();
                    changed[i] = kept;
                }
            }

            return changed is null ? list : new JsonList(changed.ToImmutable());
        }

        if (value is not JsonMap map)
        {
            return value;
        }

        var result = map;
        foreach (var (key, child) in map.AsSpan())
        {
            if (isRoot && key is "metadata" or "kind" or "apiVersion")
            {
                continue;
            }

            if ((schema.Properties.GetValueOrDefault(key) ?? schema.Values) is { } below)
            {
                result = result.With(key, Prune(child, (old as JsonMap)?[key], below, path + key + ".", false, unknown));
            }
            else if (!schema.KeepsUnknown)
            {
                unknown.Add(path + key);
                result = result.Without(key);
            }
        }

        return result;
    }

    public static JsonTree Default(JsonTree value, SchemaNode schema)
    {
        if (value is JsonList list && schema.Items is { } items)
        {
            ImmutableArray<JsonTree>.Builder? changed = null;
            for (var i = 0; i < list.Count; i++)
            {
                var filled = Default(list[i], items);
                if (!ReferenceEquals(filled, list[i]))
                {
                    changed ??= list.Items.ToBuilder();
                    changed[i] = filled;
                }
            }

            return changed is null ? list : new JsonList(changed.ToImmutable());
        }

        if (value is not JsonMap map)
        {
            return value;
        }

        var result = map;
        foreach (var (name, property) in schema.Properties)
        {
            if (result[name] is null && property.Tree["default"] is { } given)
            {
                result = result.With(name, given);
            }

            if (result[name] is { } child)
            {
                result = result.With(name, Default(child, property));
            }
        }

        if (schema.Values is { } values)
        {
            foreach (var (key, child) in map.AsSpan())
            {
                result = schema.Properties.ContainsKey(key) ? result : result.With(key, Default(child, values));
            }
        }

        return result;
    }
}
