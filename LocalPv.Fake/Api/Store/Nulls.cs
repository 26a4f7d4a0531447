using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Store;

/// <summary>A typed server does not know the difference between null and absent in an object's fields.</summary>
internal static class Nulls
{
    /// <summary>The value without keys whose value is null. What is shared with <paramref name="old"/> has none.</summary>
    public static JsonTree Drop(JsonTree value, JsonTree? old)
    {
        if (ReferenceEquals(value, old))
        {
            return value;
        }

        switch (value)
        {
            case JsonMap map:
                var oldMap = old as JsonMap;
                var result = map;
                foreach (var (key, child) in map.AsSpan())
                {
                    if (child is JsonNull)
                    {
                        result = result.Without(key);
                    }
                    else if (child is JsonMap or JsonList)
                    {
                        var kept = Drop(child, oldMap?[key]);
                        result = ReferenceEquals(kept, child) ? result : result.With(key, kept);
                    }
                }

                return result;
            case JsonList list:
                for (var i = 0; i < list.Count; i++)
                {
                    var kept = Drop(list[i], null);
                    if (!ReferenceEquals(kept, list[i]))
                    {
                        return new JsonList([.. list.Items.Select(item => Drop(item, null))]);
                    }
                }

                return list;
            default:
                return value;
        }
    }
}
