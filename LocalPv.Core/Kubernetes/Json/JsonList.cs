using System.Collections;
using System.Collections.Immutable;
using System.Text.Json;

namespace LocalPv.Core.Kubernetes.Json;

/// <summary>An immutable JSON array.</summary>
public sealed class JsonList(ImmutableArray<JsonTree> items) : JsonTree, IReadOnlyList<JsonTree>
{
    /// <summary>The array without items.</summary>
    public static JsonList Empty { get; } = new([]);

    /// <summary>The items in order.</summary>
    public ImmutableArray<JsonTree> Items { get; } = items;

    /// <inheritdoc/>
    public int Count => Items.Length;

    /// <inheritdoc/>
    public JsonTree this[int index] => Items[index];

    /// <summary>An array of these items.</summary>
    public static JsonList Of(params ReadOnlySpan<JsonTree> items) => new([.. items]);

    /// <summary>An array of texts.</summary>
    public static JsonList OfTexts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonTree)text)]);

    /// <summary>The items that are texts.</summary>
    public IEnumerable<string> Texts()
    {
        foreach (var item in Items)
        {
            if (item is JsonText text)
            {
                yield return text.Value;
            }
        }
    }

    /// <summary>Whether a text is among the items.</summary>
    public bool Holds(string wanted)
    {
        foreach (var item in Items)
        {
            if (item is JsonText text && text.Value == wanted)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The items that are objects.</summary>
    public IEnumerable<JsonMap> Maps()
    {
        foreach (var item in Items)
        {
            if (item is JsonMap map)
            {
                yield return map;
            }
        }
    }

    /// <inheritdoc/>
    public override void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        foreach (var item in Items)
        {
            item.WriteTo(writer);
        }

        writer.WriteEndArray();
    }

    /// <inheritdoc/>
    public override bool Equals(JsonTree? other) =>
        ReferenceEquals(this, other) || (other is JsonList list && Items.AsSpan().SequenceEqual(list.Items.AsSpan()));

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = 19;
        foreach (var item in Items)
        {
            hash = unchecked((hash * 31) + item.GetHashCode());
        }

        return hash;
    }

    /// <inheritdoc/>
    public IEnumerator<JsonTree> GetEnumerator() => Items.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
