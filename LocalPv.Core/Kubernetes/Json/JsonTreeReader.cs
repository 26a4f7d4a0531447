using System.Text;
using System.Text.Json;

namespace LocalPv.Core.Kubernetes.Json;

/// <summary>Builds trees from a token stream.</summary>
internal static class JsonTreeReader
{
    internal static JsonTree ReadValue(ref Utf8JsonReader reader, ReadOnlySpan<byte> without) => reader.TokenType switch
    {
        JsonTokenType.StartObject => ReadMap(ref reader, without),
        JsonTokenType.StartArray => ReadList(ref reader, without),
        JsonTokenType.String => Shared(ref reader) ?? new JsonText(ReadText(ref reader)),
        JsonTokenType.Number => JsonNumber.FromText(Encoding.ASCII.GetString(reader.ValueSpan)),
        JsonTokenType.True => JsonBoolean.True,
        JsonTokenType.False => JsonBoolean.False,
        JsonTokenType.Null => JsonNull.Instance,
        _ => throw new JsonException($"Unexpected {reader.TokenType}."),
    };

    // Null where the text is none of those that are held once.
    private static JsonText? Shared(ref Utf8JsonReader reader) => reader.ValueIsEscaped ? null : SharedTexts.Find(reader.ValueSpan);

    // Utf8JsonReader throws InvalidOperationException for text that is not valid UTF-16 or UTF-8 (a lone surrogate): bad input, not a bug.
    private static string ReadText(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException error)
        {
            throw new JsonException("A text is not valid Unicode.", error);
        }
    }

    private static JsonMap ReadMap(ref Utf8JsonReader reader, ReadOnlySpan<byte> without)
    {
        var entries = new List<KeyValuePair<string, JsonTree>>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var key = Shared(ref reader)?.Value ?? ReadText(ref reader);
            var isUnwanted = !without.IsEmpty && reader.ValueTextEquals(without);
            reader.Read();
            if (isUnwanted && reader.TokenType == JsonTokenType.StartArray)
            {
                reader.Skip();
                continue;
            }

            entries.Add(new(key, ReadValue(ref reader, without)));
        }

        return JsonMap.FromDistinct(entries);
    }

    private static JsonList ReadList(ref Utf8JsonReader reader, ReadOnlySpan<byte> without)
    {
        var items = new List<JsonTree>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            items.Add(ReadValue(ref reader, without));
        }

        return new JsonList([.. items]);
    }
}
