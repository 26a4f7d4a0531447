using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Store.Patches;

/// <summary>JSON patch, RFC 6902: a list of operations, all of which must succeed.</summary>
internal static class JsonPatch
{
    private const int OperationsMax = 10_000;

    /// <summary>The document with the operations applied, or why one cannot be.</summary>
    public static bool TryApply(
        JsonTree document, JsonTree patch, [NotNullWhen(true)] out JsonTree? result, [NotNullWhen(false)] out StatusError? error)
    {
        result = null;
        if (patch is not JsonList operations)
        {
            error = StatusError.BadRequest("error decoding patch: a JSON patch is a list of operations");
            return false;
        }

        if (operations.Count > OperationsMax)
        {
            error = new StatusError(
                413,
                "RequestEntityTooLarge",
                $"The allowed maximum operations in a JSON patch is {OperationsMax}, got {operations.Count}");
            return false;
        }

        var patched = document;
        foreach (var operation in operations)
        {
            // A real server does not say which operation failed.
            if (operation is not JsonMap map || !TryApplyOne(patched, map, out var next))
            {
                error = new StatusError(
                    422, "Invalid", "the server rejected our request due to an error in our request", JsonMap.Empty);
                return false;
            }

            patched = next;
        }

        result = patched;
        error = null;
        return true;
    }

    private static bool TryApplyOne(JsonTree document, JsonMap operation, [NotNullWhen(true)] out JsonTree? result)
    {
        result = null;
        if (!TryReadPath(operation.Text("path"), out var path))
        {
            return false;
        }

        var value = operation["value"];
        switch (operation.Text("op"))
        {
            case "add":
                return value is not null && TryAdd(document, path, value, out result);
            case "remove":
                return TryRemove(document, path, out result, out _);
            case "replace":
                return value is not null && TryReplace(document, path, value, out result);
            case "test":
                result = document;
                return TryFind(document, path, out var found) ? Same(found, value) : value is null or JsonNull;
            case "move":
                return TryReadPath(operation.Text("from"), out var from)
                    && TryRemove(document, from, out var without, out var moved)
                    && TryAdd(without, path, moved, out result);
            case "copy":
                return TryReadPath(operation.Text("from"), out var source)
                    && TryFind(document, source, out var copied)
                    && TryAdd(document, path, copied, out result);
            default:
                return false;
        }
    }

    private static bool Same(JsonTree found, JsonTree? wanted) => found.Equals(wanted ?? JsonNull.Instance);

    private static bool TryReadPath(string? text, out ReadOnlySpan<string> path)
    {
        path = [];
        if (text is null || (text.Length > 0 && text[0] != '/'))
        {
            return false;
        }

        if (text.Length > 0)
        {
            path = text[1..].Split('/')
                .Select(part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))
                .ToArray();
        }

        return true;
    }

    private static bool TryFind(JsonTree here, ReadOnlySpan<string> path, [NotNullWhen(true)] out JsonTree? found)
    {
        found = here;
        foreach (var key in path)
        {
            found = found switch
            {
                JsonMap map => map[key],
                JsonList list when TryIndex(key, list.Count, out var index) => list[index],
                _ => null,
            };
            if (found is null)
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryAdd(JsonTree here, ReadOnlySpan<string> path, JsonTree value, [NotNullWhen(true)] out JsonTree? result)
    {
        result = value;
        if (path.Length == 0)
        {
            return true;
        }

        if (path.Length > 1)
        {
            var rest = path[1..];
            return TryDescend(here, path[0], out var child)
                && TryAdd(child, rest, value, out var changed)
                && TryPut(here, path[0], changed, out result);
        }

        switch (here)
        {
            case JsonMap map:
                result = map.With(path[0], value);
                return true;
            case JsonList list when path[0] == "-":
                result = new JsonList(list.Items.Add(value));
                return true;
            case JsonList list when TryIndex(path[0], list.Count + 1, out var index):
                result = new JsonList(list.Items.Insert(index, value));
                return true;
            default:
                return false;
        }
    }

    private static bool TryReplace(JsonTree here, ReadOnlySpan<string> path, JsonTree value, [NotNullWhen(true)] out JsonTree? result)
    {
        result = value;
        return path.Length == 0
            || (TryDescend(here, path[0], out var child)
                && TryReplace(child, path[1..], value, out var changed)
                && TryPut(here, path[0], changed, out result));
    }

    private static bool TryRemove(
        JsonTree here,
        ReadOnlySpan<string> path,
        [NotNullWhen(true)] out JsonTree? result,
        [NotNullWhen(true)] out JsonTree? removed)
    {
        result = null;
        if (path.Length == 0 || !TryDescend(here, path[0], out removed))
        {
            removed = null;
            return false;
        }

        if (path.Length > 1)
        {
            return TryRemove(removed, path[1..], out var changed, out removed) && TryPut(here, path[0], changed, out result);
        }

        result = here is JsonList list && TryIndex(path[0], list.Count, out var index)
            ? new JsonList(list.Items.RemoveAt(index))
            : ((JsonMap)here).Without(path[0]);
        return true;
    }

    private static bool TryDescend(JsonTree here, string key, [NotNullWhen(true)] out JsonTree? child)
    {
        child = here switch
        {
            JsonMap map => map[key],
            JsonList list when TryIndex(key, list.Count, out var index) => list[index],
            _ => null,
        };
        return child is not null;
    }

    private static bool TryPut(JsonTree here, string key, JsonTree child, [NotNullWhen(true)] out JsonTree? result)
    {
        result = here switch
        {
            JsonMap map => map.With(key, child),
            JsonList list when TryIndex(key, list.Count, out var index) => new JsonList(list.Items.SetItem(index, child)),
            _ => null,
        };
        return result is not null;
    }

    private static bool TryIndex(string text, int end, out int index) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out index) && index < end;
}
