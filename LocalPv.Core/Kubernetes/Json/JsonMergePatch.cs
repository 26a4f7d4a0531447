namespace LocalPv.Core.Kubernetes.Json;

/// <summary>JSON merge patch, RFC 7386: null removes a key, objects are merged, anything else replaces.</summary>
public static class JsonMergePatch
{
    /// <summary><paramref name="target"/> with <paramref name="patch"/> applied; neither is changed.</summary>
    public static JsonTree Apply(JsonTree? target, JsonTree patch)
    {
        if (patch is not JsonMap changes)
        {
            return patch;
        }

        var result = target as JsonMap ?? JsonMap.Empty;
        foreach (var (key, change) in changes.AsSpan())
        {
            result = result.With(key, change is JsonNull ? null : Apply(result[key], change));
        }

        return result;
    }
}
