using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace LocalPv.Core.Kubernetes.Json;

/// <summary>
/// An immutable JSON value. Equality is by content (objects regardless of the order of their keys; numbers by their text).
/// Trees are shared freely: changing one means making another that shares all that did not change. Safe for any thread.
/// </summary>
public abstract class JsonTree : IEquatable<JsonTree>
{
    /// <summary>The deepest nesting that is read; the API server's own limit lies in the same order.</summary>
    public const int DepthMax = 256;

    private protected JsonTree()
    {
    }

    /// <summary>A text becomes a <see cref="JsonText"/>; no text stays nothing, so that it leaves its key out of an object.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static implicit operator JsonTree?(string? text) => text is null ? null : new JsonText(text);

    /// <summary>A whole number becomes a <see cref="JsonNumber"/>.</summary>
    public static implicit operator JsonTree(long number) => JsonNumber.From(number);

    /// <summary>A truth value becomes a <see cref="JsonBoolean"/>.</summary>
    public static implicit operator JsonTree(bool value) => value ? JsonBoolean.True : JsonBoolean.False;

    /// <summary>
    /// Reads one JSON document in UTF-8; throws <see cref="JsonException"/> where it is malformed, repeats a key or is too deep.
    /// </summary>
    public static JsonTree Parse(ReadOnlySpan<byte> utf8) => Parse(utf8, default);

    /// <summary>
    /// The same without the lists that lie at a key of this name, anywhere: they are passed over, and cost no memory.
    /// </summary>
    public static JsonTree Parse(ReadOnlySpan<byte> utf8, ReadOnlySpan<byte> withoutLists)
    {
        var reader = new JsonTreeReader(new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = DepthMax }), withoutLists);
        return reader.Read();
    }

    /// <summary>Reads one JSON document; throws <see cref="JsonException"/> where it is malformed.</summary>
    public static JsonTree Parse(string text) => Parse(Encoding.UTF8.GetBytes(text));

    /// <summary>Writes the value.</summary>
    public abstract void WriteTo(Utf8JsonWriter writer);

    /// <inheritdoc/>
    public abstract bool Equals(JsonTree? other);

    /// <inheritdoc/>
    public sealed override bool Equals(object? obj) => Equals(obj as JsonTree);

    /// <inheritdoc/>
    public abstract override int GetHashCode();

    /// <summary>The value as compact UTF-8 JSON, keys in ordinal order: equal trees give equal bytes.</summary>
    public byte[] ToUtf8()
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            WriteTo(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The value as compact JSON.</summary>
    public sealed override string ToString() => Encoding.UTF8.GetString(ToUtf8());

    /// <summary>How JSON is written here: no escapes that only HTML needs, no checks that a tree cannot fail.</summary>
    public static JsonWriterOptions WriterOptions { get; } = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
        MaxDepth = DepthMax + 16,
    };
}
