using System.Collections.Immutable;
using System.Globalization;

namespace LocalPv.Fake.Api.Store;

/// <summary>Reads the text of a label selector from left to right.</summary>
internal sealed class LabelSelectorReader(string text)
{
    private int _at;

    /// <summary>Why the text could not be read.</summary>
    public string Error { get; private set; } = "";

    public bool TryRead(out ImmutableArray<LabelSelector.Requirement> requirements)
    {
        var read = ImmutableArray.CreateBuilder<LabelSelector.Requirement>();
        requirements = [];
        while (true)
        {
            if (ReadRequirement() is not { } requirement)
            {
                return false;
            }

            read.Add(requirement);
            var next = NextToken();
            if (next.Length == 0)
            {
                requirements = read.ToImmutable();
                return true;
            }

            if (next != ",")
            {
                return Fail($"found '{next}', expected: ',' or 'end of string'");
            }
        }
    }

    private LabelSelector.Requirement? ReadRequirement()
    {
        var first = NextToken();
        if (first == "!")
        {
            return ReadKey(NextToken()) is { } absent ? new(absent, LabelSelector.Operator.DoesNotExist, []) : null;
        }

        if (ReadKey(first) is not { } key)
        {
            return null;
        }

        var mark = _at;
        switch (NextToken())
        {
            case "" or ",":
                _at = mark;
                return new(key, LabelSelector.Operator.Exists, []);
            case "=" or "==":
                return ReadOne(key, LabelSelector.Operator.In);
            case "!=":
                return ReadOne(key, LabelSelector.Operator.NotIn);
            case ">":
                return ReadBound(key, LabelSelector.Operator.GreaterThan);
            case "<":
                return ReadBound(key, LabelSelector.Operator.LessThan);
            case "in":
                return ReadSet(key, LabelSelector.Operator.In);
            case "notin":
                return ReadSet(key, LabelSelector.Operator.NotIn);
            case var other:
                Fail($"found '{other}', expected: in, notin, =, ==, !=, gt, lt");
                return null;
        }
    }

    private string? ReadKey(string token)
    {
        if (token.Length == 0 || IsSymbol(token[0]))
        {
            Fail($"found '{token}', expected: !, identifier, or 'end of string'");
            return null;
        }

        if (LabelRules.JudgeKey(token) is { } wrong)
        {
            Fail($"<nil>: Invalid value: \"{token}\": {wrong}");
            return null;
        }

        return token;
    }

    private LabelSelector.Requirement? ReadOne(string key, LabelSelector.Operator means)
    {
        var mark = _at;
        var value = NextToken();
        if (value is "" or ",")
        {
            _at = mark;
            value = "";
        }

        if (value.Length > 0 && IsSymbol(value[0]))
        {
            Fail($"found '{value}', expected: identifier");
            return null;
        }

        return JudgeValue(key, value) ? new(key, means, [value]) : null;
    }

    private LabelSelector.Requirement? ReadBound(string key, LabelSelector.Operator means)
    {
        var value = NextToken();
        if (!long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
        {
            Fail($"values[0][{key}]: Invalid value: \"{value}\": for 'Gt', 'Lt' operators, the value must be an integer");
            return null;
        }

        return new(key, means, [value]);
    }

    private LabelSelector.Requirement? ReadSet(string key, LabelSelector.Operator means)
    {
        var open = NextToken();
        if (open != "(")
        {
            Fail($"found '{open}', expected: '('");
            return null;
        }

        var values = ImmutableArray.CreateBuilder<string>();
        var expectsValue = true;
        while (true)
        {
            var token = NextToken();
            if (token is "," or ")")
            {
                if (expectsValue)
                {
                    values.Add("");
                }

                expectsValue = true;
                if (token == ")")
                {
                    return new(key, means, values.ToImmutable());
                }
            }
            else if (!expectsValue || token.Length == 0 || IsSymbol(token[0]) || !JudgeValue(key, token))
            {
                Fail($"found '{token}', expected: ',', or identifier");
                return null;
            }
            else
            {
                values.Add(token);
                expectsValue = false;
            }
        }
    }

    private bool JudgeValue(string key, string value) =>
        LabelRules.JudgeValue(value) is not { } wrong || Fail($"values[0][{key}]: Invalid value: \"{value}\": {wrong}");

    private bool Fail(string why)
    {
        Error = Error.Length > 0 ? Error : "unable to parse requirement: " + why;
        return false;
    }

    // A token is a symbol, a word, or empty at the end.
    private string NextToken()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at]))
        {
            _at++;
        }

        if (_at == text.Length)
        {
            return "";
        }

        var start = _at;
        if (IsSymbol(text[_at]))
        {
            var rest = text.AsSpan(_at);
            _at += rest.StartsWith("!=") || rest.StartsWith("==") ? 2 : 1;
            return text[start.._at];
        }

        while (_at < text.Length && !IsSymbol(text[_at]) && !char.IsWhiteSpace(text[_at]))
        {
            _at++;
        }

        return text[start.._at];
    }

    private static bool IsSymbol(char letter) => letter is '=' or '!' or '(' or ')' or ',' or '>' or '<';
}
