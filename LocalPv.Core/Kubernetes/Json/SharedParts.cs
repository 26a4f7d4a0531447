using System.Runtime.InteropServices;

namespace LocalPv.Core.Kubernetes.Json;

/// <summary>
/// Small objects and lists that were read lately, so that one which thousands of objects have in common (access modes, an amount, a
/// finalizer) is held once, and not even made for each of them. As forgetful as <see cref="SharedTexts"/>, and as safe: trees never change,
/// and what is found holds the very texts that were asked for.
/// </summary>
internal static class SharedParts
{
    /// <summary>The most entries that are looked at.</summary>
    internal const int EntriesMax = 2;

    private const int Slots = 512;

    private static readonly JsonMap?[] Maps = new JsonMap?[Slots];
    private static readonly JsonList?[] Lists = new JsonList?[Slots];

    /// <summary>The object of these entries.</summary>
    internal static JsonMap Map(ReadOnlySpan<KeyValuePair<string, JsonTree>> entries)
    {
        if (!IsSmall(entries))
        {
            return JsonMap.FromDistinct(entries);
        }

        ref var slot = ref Maps[SlotOf(entries)];
        var known = Volatile.Read(ref slot);
        if (known is not null && IsSame(known.AsSpan(), entries))
        {
            return known;
        }

        var map = JsonMap.FromDistinct(entries);
        Volatile.Write(ref slot, map);
        return map;
    }

    /// <summary>The list of these entries' values.</summary>
    internal static JsonList List(ReadOnlySpan<KeyValuePair<string, JsonTree>> entries)
    {
        if (!IsSmall(entries))
        {
            return Make(entries);
        }

        ref var slot = ref Lists[SlotOf(entries)];
        var known = Volatile.Read(ref slot);
        if (known is not null && IsSame(known, entries))
        {
            return known;
        }

        var list = Make(entries);
        Volatile.Write(ref slot, list);
        return list;
    }

    private static JsonList Make(ReadOnlySpan<KeyValuePair<string, JsonTree>> entries)
    {
        if (entries.IsEmpty)
        {
            return JsonList.Empty;
        }

        var items = new JsonTree[entries.Length];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = entries[i].Value;
        }

        return new JsonList(ImmutableCollectionsMarshal.AsImmutableArray(items));
    }

    // Nothing that is worth much memory is kept for no other reason than that it came last.
    private static bool IsSmall(ReadOnlySpan<KeyValuePair<string, JsonTree>> entries)
    {
        if (entries.Length is 0 or > EntriesMax)
        {
            return false;
        }

        foreach (var (key, value) in entries)
        {
            var isSmall = value switch
            {
                JsonText text => text.Value.Length <= SharedTexts.BytesMax,
                JsonMap { Count: > 0 and <= EntriesMax } map => ReferenceEquals(Volatile.Read(ref Maps[SlotOf(map.AsSpan())]), map),
                _ => false,
            };
            if (!isSmall || key.Length > SharedTexts.BytesMax)
            {
                return false;
            }
        }

        return true;
    }

    // The same instances: what is shared among equal texts is shared among what is made of them.
    private static bool IsSame(ReadOnlySpan<KeyValuePair<string, JsonTree>> known, ReadOnlySpan<KeyValuePair<string, JsonTree>> entries)
    {
        if (known.Length != entries.Length)
        {
            return false;
        }

        for (var i = 0; i < known.Length; i++)
        {
            if (!ReferenceEquals(known[i].Value, entries[i].Value) || !ReferenceEquals(known[i].Key, entries[i].Key))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsSame(JsonList known, ReadOnlySpan<KeyValuePair<string, JsonTree>> entries)
    {
        if (known.Count != entries.Length)
        {
            return false;
        }

        for (var i = 0; i < entries.Length; i++)
        {
            if (!ReferenceEquals(known[i], entries[i].Value))
            {
                return false;
            }
        }

        return true;
    }

    private static uint SlotOf(ReadOnlySpan<KeyValuePair<string, JsonTree>> entries)
    {
        var hash = 0u;
        foreach (var (key, value) in entries)
        {
            hash = unchecked((hash * 31) + TextHash(key));
            hash = unchecked((hash * 31) + value switch
            {
                JsonText text => TextHash(text.Value),
                JsonMap map => (uint)map.Count + (map.Count > 0 ? TextHash(map.AsSpan()[0].Key) : 0),
                JsonList list => (uint)list.Count,
                _ => 1,
            });
        }

        return (hash ^ (hash >> 9)) % Slots;
    }

    private static uint TextHash(string text) =>
        text.Length == 0 ? 0 : unchecked(((uint)text.Length * 131) + ((uint)text[0] * 17) + text[^1]);
}
