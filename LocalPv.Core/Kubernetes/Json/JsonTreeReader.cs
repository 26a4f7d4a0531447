using System.Text;
using System.Text.Json;

namespace LocalPv.Core.Kubernetes.Json;

/// <summary>
/// Builds one tree from a token stream. What objects and lists that are still open hold so far lies in one stack for all of them, so that
/// each becomes an array of its own size at its end, and nothing is left over.
/// </summary>
internal ref struct JsonTreeReader(Utf8JsonReader reader, ReadOnlySpan<byte> withoutLists)
{
    private readonly ReadOnlySpan<byte> _withoutLists = withoutLists;
    private Utf8JsonReader _reader = reader;
    private KeyValuePair<string, JsonTree>[] _open = new KeyValuePair<string, JsonTree>[64];
    private int _count;

    /// <summary>The whole document.</summary>
    internal JsonTree Read()
    {
        _reader.Read();
        var tree = ReadValue();
        return _reader.Read() ? throw new JsonException("There is more text after the document.") : tree;
    }

    private JsonTree ReadValue() => _reader.TokenType switch
    {
        JsonTokenType.StartObject => ReadMap(),
        JsonTokenType.StartArray => ReadList(),
        JsonTokenType.String => Shared() ?? new JsonText(ReadText()),
        JsonTokenType.Number => JsonNumber.FromText(Encoding.ASCII.GetString(_reader.ValueSpan)),
        JsonTokenType.True => JsonBoolean.True,
        JsonTokenType.False => JsonBoolean.False,
        JsonTokenType.Null => JsonNull.Instance,
        _ => throw new JsonException($"Unexpected {_reader.TokenType}."),
    };

    // Null where the text is none of those that are held once.
    private readonly JsonText? Shared() => _reader.ValueIsEscaped ? null : SharedTexts.Find(_reader.ValueSpan);

    // Utf8JsonReader throws InvalidOperationException for text that is not valid UTF-16 or UTF-8 (a lone surrogate): bad input, not a bug.
    private readonly string ReadText()
    {
        try
        {
            return _reader.GetString()!;
        }
        catch (InvalidOperationException error)
        {
            throw new JsonException("A text is not valid Unicode.", error);
        }
    }

    private JsonMap ReadMap()
    {
        var first = _count;
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
        {
            var key = Shared()?.Value ?? ReadText();
            var isUnwanted = !_withoutLists.IsEmpty && _reader.ValueTextEquals(_withoutLists);
            _reader.Read();
            if (isUnwanted && _reader.TokenType == JsonTokenType.StartArray)
            {
                _reader.Skip();
                continue;
            }

            Add(key, ReadValue());
        }

        var map = SharedParts.Map(_open.AsSpan(first, _count - first));
        _count = first;
        return map;
    }

    private JsonList ReadList()
    {
        var first = _count;
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            Add("", ReadValue());
        }

        var list = SharedParts.List(_open.AsSpan(first, _count - first));
        _count = first;
        return list;
    }

    private void Add(string key, JsonTree value)
    {
        if (_count == _open.Length)
        {
            Array.Resize(ref _open, 2 * _open.Length);
        }

        _open[_count++] = new(key, value);
    }
}
