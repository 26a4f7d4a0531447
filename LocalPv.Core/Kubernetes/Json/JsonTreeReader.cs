using System.Text;
using System.Text.Json;

namespace LocalPv.Core.Kubernetes.Json;

/// <summary>Builds trees from a token stream.</summary>
internal static class JsonTreeReader
{
    internal static JsonTree ReadValue(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.StartObject => ReadMap(ref reader),
        JsonTokenType.StartArray => ReadList(ref reader),
        JsonTokenType.String => new JsonText(ReadText(ref reader)),
        JsonTokenType.Number => JsonNumber.FromText(Encoding.ASCII.GetString(reader.ValueSpan)),
        JsonTokenType.True => JsonBoolean.True,
        JsonTokenType.False => JsonBoolean.False,
        JsonTokenType.Null => JsonNull.Instance,
        _ => throw new JsonException($"Unexpected {reader.TokenType}."),
    };

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

    private static JsonMap ReadMap(ref Utf8JsonReader reader)
    {
        var entries = new List<KeyValuePair<string, JsonTree>>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var key = ReadText(ref reader);
            reader.Read();
            entries.Add(new(key, ReadValue(ref reader)));
        }

        return JsonMap.FromDistinct(entries);
    }

    private static JsonList ReadList(ref Utf8JsonReader reader)
    {
        var items = new List<JsonTree>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            items.Add(ReadValue(ref reader));
        }

        return new JsonList([.. items]);
    }
}
