namespace LocalPv.Fake.Api.Store;

/// <summary>What a label's key and value, or an annotation's key, may be. Source: k8s.io/apimachinery/pkg/util/validation.</summary>
internal static class LabelRules
{
    private const string NameMessage =
        "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
        + "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

    private const string ValueMessage =
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
        + "alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
        + "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

    /// <summary>Why a qualified name (<c>prefix/name</c>) does not do, or null.</summary>
    public static string? JudgeKey(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        var name = slash < 0 ? key.AsSpan() : key.AsSpan(slash + 1);
        if (slash == 0)
        {
            return "prefix part must be non-empty";
        }

        if (slash > 0 && (slash > 253 || !NameRule.IsSubdomain(key.AsSpan(0, slash))))
        {
            return "prefix part " + NameRule.Subdomain.Judge(key[..slash]);
        }

        return name.Length == 0 ? "name part must be non-empty"
            : name.Length > 63 ? "name part must be no more than 63 bytes"
            : IsWord(name) ? null : NameMessage;
    }

    /// <summary>Why a label's value does not do, or null.</summary>
    public static string? JudgeValue(string value) => value.Length > 63 ? "must be no more than 63 bytes"
        : value.Length == 0 || IsWord(value) ? null : ValueMessage;

    private static bool IsWord(ReadOnlySpan<char> text)
    {
        if (!char.IsAsciiLetterOrDigit(text[0]) || !char.IsAsciiLetterOrDigit(text[^1]))
        {
            return false;
        }

        foreach (var letter in text)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '_' or '.'))
            {
                return false;
            }
        }

        return true;
    }
}
