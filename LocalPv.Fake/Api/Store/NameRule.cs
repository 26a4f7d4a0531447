namespace LocalPv.Fake.Api.Store;

/// <summary>A rule for names, with the message a real server gives. Sources: k8s.io/apimachinery/pkg/util/validation.</summary>
public sealed class NameRule
{
    private const string SubdomainMessage =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an "
        + "alphanumeric character (e.g. 'example.com', regex used for validation is "
        + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    private const string LabelMessage =
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an "
        + "alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

    private readonly Func<string, string?> _judge;

    private NameRule(Func<string, string?> judge) => _judge = judge;

    /// <summary>RFC 1123 subdomain, up to 253 characters: most kinds.</summary>
    public static NameRule Subdomain { get; } = new(static name =>
        name.Length > 253 ? "must be no more than 253 bytes" : IsSubdomain(name) ? null : SubdomainMessage);

    /// <summary>RFC 1123 label, up to 63 characters: namespaces and services.</summary>
    public static NameRule Label { get; } = new(static name =>
        name.Length > 63 ? "must be no more than 63 bytes" : IsLabel(name) ? null : LabelMessage);

    /// <summary>Anything that can stand in a path: RBAC objects.</summary>
    public static NameRule PathSegment { get; } = new(static name => name switch
    {
        "." => "may not be '.'",
        ".." => "may not be '..'",
        _ when name.Contains('/', StringComparison.Ordinal) => "may not contain '/'",
        _ when name.Contains('%', StringComparison.Ordinal) => "may not contain '%'",
        _ => null,
    });

    /// <summary>Why the name does not do, or null.</summary>
    public string? Judge(string name) => _judge(name);

    internal static bool IsSubdomain(ReadOnlySpan<char> name)
    {
        while (true)
        {
            var dot = name.IndexOf('.');
            if (!IsLabelText(dot < 0 ? name : name[..dot]))
            {
                return false;
            }

            if (dot < 0)
            {
                return true;
            }

            name = name[(dot + 1)..];
        }
    }

    internal static bool IsLabel(ReadOnlySpan<char> name) => name.Length <= 63 && IsLabelText(name);

    private static bool IsLabelText(ReadOnlySpan<char> name)
    {
        if (name.Length == 0 || name[0] == '-' || name[^1] == '-')
        {
            return false;
        }

        foreach (var letter in name)
        {
            if (!char.IsAsciiLetterLower(letter) && !char.IsAsciiDigit(letter) && letter != '-')
            {
                return false;
            }
        }

        return true;
    }
}
