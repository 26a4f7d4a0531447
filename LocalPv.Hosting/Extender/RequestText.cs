using System.Text;
using System.Text.Json;

namespace LocalPv.Hosting.Extender;

/// <summary>Steps through the outer parts of a JSON text whose brackets are known.</summary>
internal ref struct RequestText(ReadOnlySpan<byte> text, ReadOnlySpan<Bracket> brackets)
{
    // "NodeNames", each of its characters an escape.
    private const int KeyBytesMax = 6 * 9;

    private readonly ReadOnlySpan<byte> _text = text;
    private readonly ReadOnlySpan<Bracket> _brackets = brackets;

    // The first bracket that is not before the place.
    private int _bracket;

    /// <summary>The place that was reached.</summary>
    public int At { get; private set; }

    /// <summary>Goes to a place, forwards or backwards.</summary>
    public void MoveTo(int place)
    {
        _bracket = place < At ? 0 : _bracket;
        At = place;
        SkipBrackets();
    }

    /// <summary>The next character that is not white space, or 0 at the end.</summary>
    public byte Peek()
    {
        while (At < _text.Length && _text[At] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
        {
            At++;
        }

        return At < _text.Length ? _text[At] : (byte)0;
    }

    /// <summary>Passes over one character that must come next.</summary>
    public void Expect(char character)
    {
        if (Peek() != character)
        {
            throw Unexpected($"'{character}'");
        }

        At++;
    }

    /// <summary>Passes over the bracket that opens an object or list.</summary>
    public void Open(char bracket)
    {
        Expect(bracket);
        SkipBrackets();
    }

    /// <summary>Whether the list or object ends here; then its closing bracket is passed over.</summary>
    public bool TryClose(char bracket)
    {
        if (Peek() != bracket)
        {
            return false;
        }

        At++;
        SkipBrackets();
        return true;
    }

    /// <summary>Whether <c>null</c> comes next; then it is passed over.</summary>
    public bool TryNull()
    {
        if (Peek() != 'n' || !_text[At..].StartsWith("null"u8))
        {
            return false;
        }

        At += 4;
        return true;
    }

    /// <summary>Passes over a string: where its text lies between the quotes, and whether it has escapes.</summary>
    public (int Start, int Length, bool Escaped) String()
    {
        Expect('"');
        var start = At;
        var escaped = false;
        while (true)
        {
            var length = _text[At..].IndexOfAny((byte)'"', (byte)'\\');
            if (length < 0)
            {
                throw Unexpected("the end of a string");
            }

            At += length;
            if (_text[At] == '"')
            {
                At++;
                return (start, At - 1 - start, escaped);
            }

            escaped = true;
            At += 2;
            if (At > _text.Length)
            {
                throw Unexpected("the end of a string");
            }
        }
    }

    /// <summary>
    /// A key and the colon after it, in lower case, without its escapes; an empty text for one that is longer than any we know.
    /// </summary>
    public string Key()
    {
        var (start, length, escaped) = String();
        Expect(':');
        Peek();
        return length > KeyBytesMax ? ""
            : (escaped ? Unescape(start, length) : Encoding.UTF8.GetString(_text.Slice(start, length))).ToLowerInvariant();
    }

    /// <summary>Passes over a value of any kind; where it lies.</summary>
    public Range Value()
    {
        var next = Peek();
        var start = At;
        if (next is (byte)'{' or (byte)'[')
        {
            SkipContainer(next == '{' ? (byte)'}' : (byte)']');
        }
        else if (next == '"')
        {
            String();
        }
        else
        {
            while (At < _text.Length && (char.IsAsciiLetterOrDigit((char)_text[At]) || _text[At] is (byte)'+' or (byte)'-' or (byte)'.'))
            {
                At++;
            }

            if (At == start)
            {
                throw Unexpected("a value");
            }
        }

        return start..At;
    }

    /// <summary>The text between two quotes without its escapes.</summary>
    public readonly string Unescape(int start, int length)
    {
        var reader = new Utf8JsonReader(_text.Slice(start - 1, length + 2));
        reader.Read();
        return reader.GetString()!;
    }

    /// <summary>The text must end here.</summary>
    public void ExpectEnd()
    {
        if (Peek() != 0 || At < _text.Length)
        {
            throw Unexpected("the end");
        }
    }

    /// <summary>What to throw where something else was expected.</summary>
    public readonly MalformedRequestException Unexpected(string expected) => new(At < _text.Length
        ? $"At byte {At} of the request there is '{(char)_text[At]}' where {expected} was expected."
        : $"The request ends where {expected} was expected.");

    private void SkipContainer(byte closing)
    {
        SkipBrackets();
        if (_bracket == _brackets.Length || _brackets[_bracket].Offset != At)
        {
            throw Unexpected("a value");
        }

        var depth = _brackets[_bracket].Depth;
        while (++_bracket < _brackets.Length)
        {
            if (_brackets[_bracket].Depth == depth)
            {
                At = _brackets[_bracket].Offset;
                if (_text[At] != closing)
                {
                    throw Unexpected($"'{(char)closing}'");
                }

                At++;
                _bracket++;
                return;
            }
        }

        At = _text.Length;
        throw Unexpected($"'{(char)closing}'");
    }

    private void SkipBrackets()
    {
        while (_bracket < _brackets.Length && _brackets[_bracket].Offset < At)
        {
            _bracket++;
        }
    }
}
