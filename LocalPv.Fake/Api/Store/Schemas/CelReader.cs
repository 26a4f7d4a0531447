using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Store.Schemas;

/// <summary>Reads the part of CEL that is understood here, by recursive descent. Null from a method: not understood.</summary>
internal sealed class CelReader(string text)
{
    private int _at;

    public bool ReadsOld { get; private set; }

    public bool TryRead([NotNullWhen(true)] out CelEvaluation? evaluate)
    {
        evaluate = Choice();
        SkipSpace();
        return evaluate is not null && _at == text.Length;
    }

    private CelEvaluation? Choice()
    {
        if (Or() is not { } condition)
        {
            return null;
        }

        if (!Take("?"))
        {
            return condition;
        }

        return Choice() is { } yes && Take(":") && Choice() is { } no
            ? scope => condition(scope) is JsonBoolean chosen ? (chosen.Value ? yes : no)(scope) : null
            : null;
    }

    // An error on one side does not matter where the other side decides.
    private CelEvaluation? Or() => Chain(And, "||", static (left, right) =>
        Is(left, true) || Is(right, true) ? JsonBoolean.True : Is(left, false) && Is(right, false) ? JsonBoolean.False : null);

    private CelEvaluation? And() => Chain(Comparison, "&&", static (left, right) =>
        Is(left, false) || Is(right, false) ? JsonBoolean.False : Is(left, true) && Is(right, true) ? JsonBoolean.True : null);

    private static bool Is(JsonTree? value, bool wanted) => value is JsonBoolean truth && truth.Value == wanted;

    private static CelEvaluation? Chain(Func<CelEvaluation?> part, Func<bool> takes, Func<JsonTree?, JsonTree?, JsonTree?> combine)
    {
        var left = part();
        while (left is not null && takes())
        {
            var (before, right) = (left, part());
            left = right is null ? null : scope => combine(before(scope), right(scope));
        }

        return left;
    }

    private CelEvaluation? Chain(Func<CelEvaluation?> part, string sign, Func<JsonTree?, JsonTree?, JsonTree?> combine) =>
        Chain(part, () => Take(sign), combine);

    private CelEvaluation? Comparison()
    {
        if (Unary() is not { } left)
        {
            return null;
        }

        foreach (var sign in (ReadOnlySpan<string>)["==", "!=", "<=", ">=", "<", ">"])
        {
            if (Take(sign))
            {
                return Unary() is { } right ? scope => Compare(left(scope), right(scope), sign) : null;
            }
        }

        if (TakeWord("in"))
        {
            return Unary() is { } set
                ? scope => (left(scope), set(scope)) switch
                {
                    ({ } item, JsonList list) => list.Items.Contains(item),
                    (JsonText key, JsonMap map) => map.Contains(key.Value),
                    _ => null,
                }
                : null;
        }

        return left;
    }

    private static JsonTree? Compare(JsonTree? left, JsonTree? right, string sign)
    {
        if (left is null || right is null)
        {
            return null;
        }

        if (sign is "==" or "!=")
        {
            return left.Equals(right) == (sign == "==");
        }

        int order;
        if (left is JsonNumber a && right is JsonNumber b
            && decimal.TryParse(a.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var x)
            && decimal.TryParse(b.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var y))
        {
            order = x.CompareTo(y);
        }
        else if (left is JsonText first && right is JsonText second)
        {
            order = string.CompareOrdinal(first.Value, second.Value);
        }
        else
        {
            return null;
        }

        return sign switch { "<" => order < 0, "<=" => order <= 0, ">" => order > 0, _ => order >= 0 };
    }

    private CelEvaluation? Unary()
    {
        SkipSpace();
        if (_at < text.Length && text[_at] == '!' && !text.AsSpan(_at).StartsWith("!="))
        {
            _at++;
            return Unary() is { } inner ? scope => inner(scope) is JsonBoolean truth ? !truth.Value : null : null;
        }

        return Path(Primary());
    }

    private CelEvaluation? Path(CelEvaluation? value)
    {
        while (value is not null && _at < text.Length && text[_at] is '.' or '[')
        {
            var owner = value;
            if (text[_at++] == '[')
            {
                var index = Choice();
                value = index is not null && Take("]") ? scope => Index(owner(scope), index(scope)) : null;
                continue;
            }

            var name = Word();
            value = Take("(") ? Method(owner, name) : scope => (owner(scope) as JsonMap)?[name];
        }

        return value;
    }

    private static JsonTree? Index(JsonTree? owner, JsonTree? index) => (owner, index) switch
    {
        (JsonMap map, JsonText key) => map[key.Value],
        (JsonList list, JsonNumber number) when number.TryGetInt64(out var at) && at >= 0 && at < list.Count => list[(int)at],
        _ => null,
    };

    private CelEvaluation? Method(CelEvaluation owner, string name)
    {
        if (name == "size")
        {
            return Take(")") ? scope => SizeOf(owner(scope)) : null;
        }

        if (name is not ("startsWith" or "endsWith" or "contains" or "matches")
            || Choice() is not { } argument || !Take(")"))
        {
            return null;
        }

        return scope => owner(scope) is JsonText here && argument(scope) is JsonText what ? Test(here.Value, name, what.Value) : null;
    }

    private static bool Test(string here, string name, string what) => name switch
    {
        "startsWith" => here.StartsWith(what, StringComparison.Ordinal),
        "endsWith" => here.EndsWith(what, StringComparison.Ordinal),
        "contains" => here.Contains(what, StringComparison.Ordinal),
        _ => System.Text.RegularExpressions.Regex.IsMatch(
            here, what, System.Text.RegularExpressions.RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)),
    };

    private CelEvaluation? Primary()
    {
        SkipSpace();
        if (_at >= text.Length)
        {
            return null;
        }

        switch (text[_at])
        {
            case '(':
                _at++;
                return Choice() is { } inner && Take(")") ? inner : null;
            case '\'' or '"':
                return Quoted();
            case '[':
                _at++;
                return Set();
            case '-' or (>= '0' and <= '9'):
                return Number();
            default:
                return Named(Word());
        }
    }

    private CelEvaluation? Named(string name)
    {
        switch (name)
        {
            case "self":
                return static scope => scope.Self;
            case "oldSelf":
                ReadsOld = true;
                return static scope => scope.Old;
            case "true" or "false":
                return _ => name == "true";
            case "null":
                return static _ => JsonNull.Instance;
            case "has" when Take("("):
                return Path(Primary()) is { } field && Take(")") ? scope => field(scope) is not null : null;
            case "size" when Take("("):
                return Choice() is { } sized && Take(")") ? scope => SizeOf(sized(scope)) : null;
            default:
                return null;
        }
    }

    private static JsonTree? SizeOf(JsonTree? value) => value switch
    {
        JsonText measured => measured.Value.Length,
        JsonList list => list.Count,
        JsonMap map => map.Count,
        _ => null,
    };

    private CelEvaluation? Set()
    {
        var items = new List<CelEvaluation>();
        while (!Take("]"))
        {
            if ((items.Count > 0 && !Take(",")) || Choice() is not { } item)
            {
                return null;
            }

            items.Add(item);
        }

        return scope => new JsonList([.. items.Select(item => item(scope) ?? JsonNull.Instance)]);
    }

    private CelEvaluation? Quoted()
    {
        var quote = text[_at++];
        var start = _at;
        while (_at < text.Length && text[_at] != quote)
        {
            // Escapes are not understood: better no rule than a wrong one.
            if (text[_at++] == '\\')
            {
                return null;
            }
        }

        if (_at >= text.Length)
        {
            return null;
        }

        var value = new JsonText(text[start.._at++]);
        return _ => value;
    }

    private CelEvaluation? Number()
    {
        var start = _at++;
        while (_at < text.Length && (char.IsAsciiDigit(text[_at]) || text[_at] == '.'))
        {
            _at++;
        }

        var digits = text[start.._at];
        return decimal.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out _) && JsonTree.Parse(digits) is { } number
            ? _ => number
            : null;
    }

    private string Word()
    {
        var start = _at;
        while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] == '_'))
        {
            _at++;
        }

        return text[start.._at];
    }

    private bool TakeWord(string word)
    {
        SkipSpace();
        if (!text.AsSpan(_at).StartsWith(word) || (_at + word.Length < text.Length && char.IsAsciiLetterOrDigit(text[_at + word.Length])))
        {
            return false;
        }

        _at += word.Length;
        return true;
    }

    private bool Take(string sign)
    {
        SkipSpace();
        if (!text.AsSpan(_at).StartsWith(sign))
        {
            return false;
        }

        _at += sign.Length;
        return true;
    }

    private void SkipSpace()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at]))
        {
            _at++;
        }
    }
}
