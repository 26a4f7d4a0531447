using System.Diagnostics.CodeAnalysis;

namespace LocalPv.Core.Identity;

/// <summary>The name of a StorageClass. The default value names nothing: reading its <see cref="Value"/> throws.</summary>
public readonly record struct StorageClassName : IComparable<StorageClassName>
{
    private readonly string? _value;

    private StorageClassName(string value) => _value = value;

    /// <summary>The name as text, valid by construction.</summary>
    public string Value => _value ?? throw new InvalidOperationException("A default StorageClassName names nothing.");

    /// <summary>False only for the default value.</summary>
    public bool IsNamed => _value is not null;

    /// <summary>Takes <paramref name="text"/> if it is a DNS subdomain of at most 253 characters.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out StorageClassName name)
    {
        if (text is not null && NameRules.IsDnsSubdomain(text))
        {
            name = new StorageClassName(text);
            return true;
        }

        name = default;
        return false;
    }

    /// <summary>
    /// Takes <paramref name="text"/>; throws <see cref="FormatException"/> where it is not a DNS subdomain of at most 253 characters.
    /// </summary>
    public static StorageClassName Parse(string text) => TryParse(text, out var name)
        ? name
        : throw new FormatException($"'{text}' is not a DNS subdomain of at most 253 characters.");

    /// <summary>Ordinal order.</summary>
    public int CompareTo(StorageClassName other) => string.CompareOrdinal(_value, other._value);

    public static bool operator <(StorageClassName left, StorageClassName right) => left.CompareTo(right) < 0;

    public static bool operator >(StorageClassName left, StorageClassName right) => left.CompareTo(right) > 0;

    public static bool operator <=(StorageClassName left, StorageClassName right) => left.CompareTo(right) <= 0;

    public static bool operator >=(StorageClassName left, StorageClassName right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public override string ToString() => _value ?? "(none)";
}
