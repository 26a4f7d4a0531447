using System.Diagnostics.CodeAnalysis;

namespace LocalPv.Core.Identity;

/// <summary>The name of a Kubernetes Node. The default value names nothing: reading its <see cref="Value"/> throws.</summary>
public readonly record struct NodeName : IComparable<NodeName>
{
    private readonly string? _value;

    private NodeName(string value) => _value = value;

    /// <summary>The name as text, valid by construction.</summary>
    public string Value => _value ?? throw new InvalidOperationException("A default NodeName names nothing.");

    /// <summary>False only for the default value.</summary>
    public bool IsNamed => _value is not null;

    /// <summary>Takes <paramref name="text"/> if it is a DNS subdomain of at most 253 characters.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out NodeName name)
    {
        if (text is not null && NameRules.IsDnsSubdomain(text))
        {
            name = new NodeName(text);
            return true;
        }

        name = default;
        return false;
    }

    /// <summary>
    /// Takes <paramref name="text"/>; throws <see cref="FormatException"/> where it is not a DNS subdomain of at most 253 characters.
    /// </summary>
    public static NodeName Parse(string text) => TryParse(text, out var name)
        ? name
        : throw new FormatException($"'{text}' is not a DNS subdomain of at most 253 characters.");

    /// <summary>Ordinal order.</summary>
    public int CompareTo(NodeName other) => string.CompareOrdinal(_value, other._value);

    public static bool operator <(NodeName left, NodeName right) => left.CompareTo(right) < 0;

    public static bool operator >(NodeName left, NodeName right) => left.CompareTo(right) > 0;

    public static bool operator <=(NodeName left, NodeName right) => left.CompareTo(right) <= 0;

    public static bool operator >=(NodeName left, NodeName right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public override string ToString() => _value ?? "(none)";
}
