using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace LocalPv.Core.Kubernetes.Json;

/// <summary>
/// An immutable JSON object. Keys are unique and kept in ordinal order, so that look-ups are binary searches, and so that equal
/// objects are written as equal bytes.
/// </summary>
public sealed class JsonMap : JsonTree, IReadOnlyCollection<KeyValuePair<string, JsonTree>>
{
    // Invariant: strictly ascending by ordinal key.
    private readonly KeyValuePair<string, JsonTree>[] _entries;

    private JsonMap(KeyValuePair<string, JsonTree>[] sorted) => _entries = sorted;

    /// <summary>The object without keys.</summary>
    public static JsonMap Empty { get; } = new([]);

    /// <inheritdoc/>
    public int Count => _entries.Length;

    /// <summary>The keys in ordinal order.</summary>
    public IEnumerable<string> Keys => _entries.Select(entry => entry.Key);

    /// <summary>The value of <paramref name="key"/>, or null where there is none.</summary>
    public JsonTree? this[string key] => TryGet(key, out var value) ? value : null;

    /// <summary>An object with these entries; a null value leaves its key out. Throws for a repeated key.</summary>
    public static JsonMap Of(params ReadOnlySpan<(string Key, JsonTree? Value)> entries)
    {
        var count = 0;
        foreach (var (_, value) in entries)
        {
            count += value is null ? 0 : 1;
        }

        if (count == 0)
        {
            return Empty;
        }

        // A few entries that were written down in the program: each goes to its place.
        var sorted = new KeyValuePair<string, JsonTree>[count];
        count = 0;
        foreach (var (key, value) in entries)
        {
            if (value is null)
            {
                continue;
            }

            var place = count++;
            for (; place > 0; place--)
            {
                var order = string.CompareOrdinal(sorted[place - 1].Key, key);
                if (order < 0)
                {
                    break;
                }

                sorted[place] = order > 0 ? sorted[place - 1] : throw Repeated(key);
            }

            sorted[place] = new(key, value);
        }

        return new JsonMap(sorted);
    }

    /// <summary>An object with these entries; throws <see cref="JsonException"/> for a repeated key.</summary>
    public static JsonMap FromDistinct(IEnumerable<KeyValuePair<string, JsonTree>> entries) => FromOwned(entries.ToArray());

    /// <summary>The same; the entries are copied.</summary>
    internal static JsonMap FromDistinct(ReadOnlySpan<KeyValuePair<string, JsonTree>> entries) =>
        entries.IsEmpty ? Empty : FromOwned(entries.ToArray());

    private static JsonMap FromOwned(KeyValuePair<string, JsonTree>[] sorted)
    {
        if (sorted.Length == 0)
        {
            return Empty;
        }

        Sort(sorted);
        for (var i = 1; i < sorted.Length; i++)
        {
            if (sorted[i - 1].Key == sorted[i].Key)
            {
                throw Repeated(sorted[i].Key);
            }
        }

        return new JsonMap(sorted);
    }

    /// <summary>An object of texts, as labels and annotations are.</summary>
    public static JsonMap OfTexts(IEnumerable<KeyValuePair<string, string>> texts) =>
        FromDistinct(texts.Select(text => new KeyValuePair<string, JsonTree>(text.Key, text.Value)));

    /// <summary>The value of a key, where there is one.</summary>
    public bool TryGet(string key, [NotNullWhen(true)] out JsonTree? value)
    {
        var index = Find(key);
        value = index >= 0 ? _entries[index].Value : null;
        return index >= 0;
    }

    /// <summary>Whether there is such a key.</summary>
    public bool Contains(string key) => Find(key) >= 0;

    /// <summary>The object at <paramref name="key"/>, or null where there is none or something else.</summary>
    public JsonMap? Map(string key) => this[key] as JsonMap;

    /// <summary>The list at <paramref name="key"/>, or null where there is none or something else.</summary>
    public JsonList? List(string key) => this[key] as JsonList;

    /// <summary>The text at <paramref name="key"/>, or null where there is none or something else.</summary>
    public string? Text(string key) => (this[key] as JsonText)?.Value;

    /// <summary>The whole number at <paramref name="key"/>, or null where there is none or something else.</summary>
    public long? Number(string key) => this[key] is JsonNumber number && number.TryGetInt64(out var value) ? value : null;

    /// <summary>The truth value at <paramref name="key"/>, or null where there is none or something else.</summary>
    public bool? Boolean(string key) => (this[key] as JsonBoolean)?.Value;

    /// <summary>What lies at the end of a path of keys, or null.</summary>
    public JsonTree? At(params ReadOnlySpan<string> path)
    {
        JsonTree? here = this;
        foreach (var key in path)
        {
            here = (here as JsonMap)?[key];
        }

        return here;
    }

    /// <summary>
    /// This object with <paramref name="key"/> set; a null value removes the key. The same instance where nothing changes.
    /// </summary>
    public JsonMap With(string key, JsonTree? value)
    {
        var index = Find(key);
        if (value is null)
        {
            return index < 0 ? this : new JsonMap([.. _entries.AsSpan(0, index), .. _entries.AsSpan(index + 1)]);
        }

        if (index >= 0)
        {
            if (ReferenceEquals(_entries[index].Value, value))
            {
                return this;
            }

            var copy = _entries.AsSpan().ToArray();
            copy[index] = new(key, value);
            return new JsonMap(copy);
        }

        var place = ~IndexOf(key);
        return new JsonMap([.. _entries.AsSpan(0, place), new(key, value), .. _entries.AsSpan(place)]);
    }

    /// <summary>This object without <paramref name="key"/>.</summary>
    public JsonMap Without(string key) => With(key, null);

    /// <summary>
    /// This object with the value at the end of a path set, making the objects on the way; null removes it. Something on the way
    /// that is not an object is replaced.
    /// </summary>
    public JsonMap WithAt(ReadOnlySpan<string> path, JsonTree? value)
    {
        if (path.Length == 1)
        {
            return With(path[0], value);
        }

        var child = Map(path[0]);
        return child is null && value is null ? this : With(path[0], (child ?? Empty).WithAt(path[1..], value));
    }

    /// <inheritdoc/>
    public override void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var (key, value) in _entries)
        {
            writer.WritePropertyName(key);
            value.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    /// <inheritdoc/>
    public override bool Equals(JsonTree? other)
    {
        if (ReferenceEquals(this, other))
        {
            return true;
        }

        if (other is not JsonMap map || map._entries.Length != _entries.Length)
        {
            return false;
        }

        for (var i = 0; i < _entries.Length; i++)
        {
            if (_entries[i].Key != map._entries[i].Key || !_entries[i].Value.Equals(map._entries[i].Value))
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = 17;
        foreach (var (key, value) in _entries)
        {
            hash = unchecked((hash * 31) + key.GetHashCode(StringComparison.Ordinal));
            hash = unchecked((hash * 31) + value.GetHashCode());
        }

        return hash;
    }

    /// <summary>The entries in ordinal order of their keys.</summary>
    public ReadOnlySpan<KeyValuePair<string, JsonTree>> AsSpan() => _entries;

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, JsonTree>> GetEnumerator() => _entries.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static JsonException Repeated(string key) => new($"The key '{key}' appears twice in one object.");

    // Most objects are small, and come almost in order.
    private static void Sort(KeyValuePair<string, JsonTree>[] entries)
    {
        if (entries.Length > 16)
        {
            Array.Sort(entries, static (a, b) => string.CompareOrdinal(a.Key, b.Key));
            return;
        }

        for (var i = 1; i < entries.Length; i++)
        {
            var entry = entries[i];
            var place = i;
            for (; place > 0 && string.CompareOrdinal(entries[place - 1].Key, entry.Key) > 0; place--)
            {
                entries[place] = entries[place - 1];
            }

            entries[place] = entry;
        }
    }

    // In a small object, comparing for equality along the way is faster than halving by order. Negative where there is none.
    private int Find(string key)
    {
        var entries = _entries;
        if (entries.Length > 16)
        {
            return IndexOf(key);
        }

        for (var i = 0; i < entries.Length; i++)
        {
            if (string.Equals(entries[i].Key, key))
            {
                return i;
            }
        }

        return -1;
    }

    // Where the key is, or the complement of where it would be.
    private int IndexOf(string key) => _entries.AsSpan().BinarySearch(new ByKey(key));

    private readonly struct ByKey(string key) : IComparable<KeyValuePair<string, JsonTree>>
    {
        public int CompareTo(KeyValuePair<string, JsonTree> other) => string.CompareOrdinal(key, other.Key);
    }
}
