using System.Globalization;
using System.Text.RegularExpressions;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.EndToEnd.Tests.Deploy;

/// <summary>
/// The part of the Common Expression Language that our policy is written in: texts, numbers, fields, keys, <c>has</c>, <c>in</c>,
/// comparison, logic, the conditional, <c>size</c>, <c>startsWith</c>, <c>substring</c>. A field that is not there is an error, as it is
/// in the API server (where an error of a policy that fails closed refuses the request).
/// </summary>
internal sealed partial class Cel
{
    private readonly List<string> _tokens;
    private readonly IReadOnlyDictionary<string, JsonTree> _scope;
    private int _at;

    private Cel(string expression, IReadOnlyDictionary<string, JsonTree> scope)
    {
        _tokens = [.. Token().Matches(expression).Select(match => match.Value)];
        _scope = scope;
    }

    public static JsonTree Evaluate(string expression, IReadOnlyDictionary<string, JsonTree> scope)
    {
        var cel = new Cel(expression, scope);
        var value = cel.Conditional(live: true);
        return cel._at == cel._tokens.Count ? value : throw new FormatException($"'{cel._tokens[cel._at]}' is too much in: {expression}");
    }

    // Each rule is told whether its value is wanted: what a condition passes over is read, not computed.
    private JsonTree Conditional(bool live)
    {
        var condition = Or(live);
        if (!TryTake("?"))
        {
            return condition;
        }

        var isTrue = live && IsTrue(condition);
        var then = Conditional(live && isTrue);
        Take(":");
        var otherwise = Conditional(live && !isTrue);
        return isTrue ? then : otherwise;
    }

    private JsonTree Or(bool live)
    {
        var value = And(live);
        while (TryTake("||"))
        {
            var known = live && IsTrue(value);
            var right = And(live && !known);
            value = known ? value : right;
        }

        return value;
    }

    private JsonTree And(bool live)
    {
        var value = Comparison(live);
        while (TryTake("&&"))
        {
            var known = live && !IsTrue(value);
            var right = Comparison(live && !known);
            value = known ? value : right;
        }

        return value;
    }

    private JsonTree Comparison(bool live)
    {
        var left = Sum(live);
        foreach (var sign in (string[])["==", "!=", ">", "in"])
        {
            if (TryTake(sign))
            {
                var right = Sum(live);
                return !live ? JsonNull.Instance : sign switch
                {
                    "==" => Truth(left.Equals(right)),
                    "!=" => Truth(!left.Equals(right)),
                    ">" => Truth(Number(left) > Number(right)),
                    _ => Truth(((JsonMap)right).Contains(((JsonText)left).Value)),
                };
            }
        }

        return left;
    }

    private JsonTree Sum(bool live)
    {
        var value = Unary(live);
        while (TryTake("+"))
        {
            var right = Unary(live);
            value = live ? Text(((JsonText)value).Value + ((JsonText)right).Value) : value;
        }

        return value;
    }

    private JsonTree Unary(bool live)
    {
        if (TryTake("!"))
        {
            var value = Unary(live);
            return live ? Truth(!IsTrue(value)) : value;
        }

        return Member(live);
    }

    private JsonTree Member(bool live)
    {
        var value = Primary(live);
        while (true)
        {
            if (TryTake("."))
            {
                var name = _tokens[_at++];
                value = TryTake("(") ? Call(value, name, Arguments(live), live) : live ? Field(value, name) : value;
            }
            else if (TryTake("["))
            {
                var index = Conditional(live);
                Take("]");
                value = !live ? value
                    : index is JsonText key ? Field(value, key.Value)
                    : ((JsonList)value)[(int)Number(index)];
            }
            else
            {
                return value;
            }
        }
    }

    private JsonTree Primary(bool live)
    {
        var token = _tokens[_at++];
        switch (token)
        {
            case "(":
                var inner = Conditional(live);
                Take(")");
                return inner;
            case "has":
                return Has(live);
            case "size":
                Take("(");
                var sized = Arguments(live)[0];
                return live ? JsonTree.Parse(((JsonText)sized).Value.Length.ToString(CultureInfo.InvariantCulture)) : sized;
            case var text when text[0] == '\'':
                return Text(text[1..^1]);
            case var number when char.IsAsciiDigit(number[0]):
                return JsonTree.Parse(number);
            case "true" or "false":
                return Truth(token == "true");
            default:
                return _scope.TryGetValue(token, out var known) ? known : throw new FormatException($"'{token}' is not known here.");
        }
    }

    // has(a.b.c): whether the last field is there; the ones before must be.
    private JsonTree Has(bool live)
    {
        Take("(");
        var end = _tokens.IndexOf(")", _at);
        var last = _tokens[end - 1];
        _tokens.RemoveRange(end - 2, 2);
        var holder = Member(live);
        Take(")");
        _tokens.InsertRange(end - 2, [".", last]);
        _at += 2;
        return live ? Truth(holder is JsonMap map && map.Contains(last)) : holder;
    }

    private List<JsonTree> Arguments(bool live)
    {
        var arguments = new List<JsonTree>();
        while (!TryTake(")"))
        {
            arguments.Add(Conditional(live));
            TryTake(",");
        }

        return arguments;
    }

    private static JsonTree Call(JsonTree value, string name, List<JsonTree> arguments, bool live) => !live ? JsonNull.Instance
        : name switch
        {
            "startsWith" => Truth(((JsonText)value).Value.StartsWith(((JsonText)arguments[0]).Value, StringComparison.Ordinal)),
            "substring" => Text(((JsonText)value).Value[(int)Number(arguments[0])..(int)Number(arguments[1])]),
            _ => throw new FormatException($"{name}() is not known here."),
        };

    private static JsonTree Field(JsonTree value, string name) => value is JsonMap map && map[name] is { } found
        ? found
        : throw new InvalidOperationException($"no such key: {name}");

    private static bool IsTrue(JsonTree value) => value is JsonBoolean { Value: true };

    private static long Number(JsonTree value) => ((JsonNumber)value).TryGetInt64(out var number) ? number : throw new FormatException();

    private static JsonTree Truth(bool value) => value ? JsonBoolean.True : JsonBoolean.False;

    private static JsonTree Text(string value) => value;

    private bool TryTake(string token)
    {
        if (_at < _tokens.Count && _tokens[_at] == token)
        {
            _at++;
            return true;
        }

        return false;
    }

    private void Take(string token)
    {
        if (!TryTake(token))
        {
            throw new FormatException($"'{token}' was expected before '{string.Join(' ', _tokens.Skip(_at).Take(3))}'.");
        }
    }

    [GeneratedRegex(@"'[^']*'|[A-Za-z_][A-Za-z0-9_]*|[0-9]+|\|\||&&|==|!=|[().\[\]?:!>,+]")]
    private static partial Regex Token();
}
