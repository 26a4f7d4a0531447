using System.Collections.Immutable;

namespace LocalPv.Fake.Api.Store.Shapes;

/// <summary>
/// Reads shapes from a compact text. A struct is <c>{name:type name name:type}</c>, without a type a text; types are <c>s</c> text,
/// <c>i</c> whole number, <c>b</c> truth, <c>io</c> number or text, <c>q</c> quantity, <c>t</c> time, <c>T</c> micro time, <c>any</c>,
/// <c>&lt;type&gt;</c> a map, <c>[type]</c> an atomic list, <c>[=type]</c> a set, <c>[a,b=TCP;c]{…}</c> a list whose items are told apart
/// by a and b (by c in strategic merge patches; by the first key where it is not said), <c>!</c> before a struct or map: replaced as a
/// whole, <c>+</c> before a struct: there even when empty, <c>@Name</c> a definition made before.
/// </summary>
internal sealed class ShapeText
{
    private readonly SortedDictionary<string, Shape> _definitions;
    private readonly string _text;
    private int _at;

    private ShapeText(string text, SortedDictionary<string, Shape> definitions)
    {
        _text = text;
        _definitions = definitions;
    }

    public static Shape Read(string text, SortedDictionary<string, Shape> definitions)
    {
        var reader = new ShapeText(text, definitions);
        var shape = reader.ReadType();
        reader.SkipSpace();
        return reader._at == text.Length ? shape : throw new FormatException($"Unexpected text at {reader._at} of a shape: {text}");
    }

    private Shape ReadType()
    {
        SkipSpace();
        switch (Peek())
        {
            case '!':
                _at++;
                var inner = ReadType();
                return new Shape(inner.Type) { IsAtomic = true, Fields = inner.Fields, Item = inner.Item };
            case '+':
                _at++;
                var always = ReadType();
                return new Shape(always.Type) { IsAlwaysThere = true, Fields = always.Fields, IsAtomic = always.IsAtomic };
            case '{':
                return ReadStruct();
            case '<':
                _at++;
                var value = ReadType();
                Expect('>');
                return new Shape(ShapeType.Map) { Item = value };
            case '[':
                return ReadList();
            case '@':
                _at++;
                return _definitions[ReadWord()];
            default:
                return new Shape(ReadWord() switch
                {
                    "s" => ShapeType.Text,
                    "i" => ShapeType.Whole,
                    "b" => ShapeType.Truth,
                    "io" => ShapeType.WholeOrText,
                    "q" => ShapeType.Quantity,
                    "t" => ShapeType.Time,
                    "T" => ShapeType.MicroTime,
                    "any" => ShapeType.Any,
                    var other => throw new FormatException($"Unknown type '{other}' in a shape."),
                });
        }
    }

    private Shape ReadStruct()
    {
        Expect('{');
        var fields = new SortedDictionary<string, Shape>(StringComparer.Ordinal);
        while (true)
        {
            SkipSpace();
            if (Peek() == '}')
            {
                _at++;
                return new Shape(ShapeType.Struct) { Fields = fields };
            }

            var name = ReadWord();
            var type = new Shape(ShapeType.Text);
            if (Peek() == ':')
            {
                _at++;
                type = ReadType();
            }

            fields.Add(name, type);
        }
    }

    private Shape ReadList()
    {
        Expect('[');
        if (Peek() == '=')
        {
            _at++;
            var value = ReadType();
            Expect(']');
            return new Shape(ShapeType.SetList) { Item = value };
        }

        var close = _text.IndexOf(']', _at);
        var inside = _text[_at..close];
        if (close + 1 >= _text.Length || _text[close + 1] is not ('{' or '@') || inside.AsSpan().IndexOfAny("{}[]<>@:") >= 0)
        {
            var item = ReadType();
            Expect(']');
            return new Shape(ShapeType.AtomicList) { Item = item };
        }

        _at = close + 1;
        var halves = inside.Split(';');
        var keys = halves[0].Split(',').Select(key => key.Split('=')).Select(parts => (parts[0], parts.Length > 1 ? parts[1] : null));
        var all = keys.ToImmutableArray();
        return new Shape(ShapeType.MapList)
        {
            Keys = all,
            StrategicKey = halves.Length > 1 ? halves[1] : all[0].Item1,
            Item = ReadType(),
        };
    }

    private char Peek() => _at < _text.Length ? _text[_at] : '\0';

    private void Expect(char letter)
    {
        SkipSpace();
        if (Peek() != letter)
        {
            throw new FormatException($"Expected '{letter}' at {_at} of a shape: {_text}");
        }

        _at++;
    }

    private string ReadWord()
    {
        var start = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] is '$' or '-' or '.'))
        {
            _at++;
        }

        return _at > start ? _text[start.._at] : throw new FormatException($"Expected a word at {start} of a shape: {_text}");
    }

    private void SkipSpace()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
        {
            _at++;
        }
    }
}
