using System.Diagnostics.CodeAnalysis;

namespace LocalPv.Core.Identity;

/// <summary>
/// The uid of a PersistentVolumeClaim: the identity of a claim, which a name is not. The default value names nothing: reading its
/// <see cref="Value"/> throws.
/// </summary>
public readonly record struct ClaimUid : IComparable<ClaimUid>
{
    private readonly string? _value;

    private ClaimUid(string value) => _value = value;

    /// <summary>The name as text, valid by construction.</summary>
    public string Value => _value ?? throw new InvalidOperationException("A default ClaimUid names nothing.");

    /// <summary>False only for the default value.</summary>
    public bool IsNamed => _value is not null;

    /// <summary>Takes <paramref name="text"/> if it is 1 to 63 letters, digits or dashes that starts with a letter or digit.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ClaimUid name)
    {
        if (text is not null && NameRules.IsUid(text))
        {
            name = new ClaimUid(text);
            return true;
        }

        name = default;
        return false;
    }

    /// <summary>
    /// Takes <paramref name="text"/>; throws <see cref="FormatException"/> where it is not 1 to 63 letters, digits or dashes that starts
    /// with a letter or digit.
    /// </summary>
    public static ClaimUid Parse(string text) => TryParse(text, out var name)
        ? name
        : throw new FormatException($"'{text}' is not 1 to 63 letters, digits or dashes that starts with a letter or digit.");

    /// <summary>Ordinal order.</summary>
    public int CompareTo(ClaimUid other) => string.CompareOrdinal(_value, other._value);

    public static bool operator <(ClaimUid left, ClaimUid right) => left.CompareTo(right) < 0;

    public static bool operator >(ClaimUid left, ClaimUid right) => left.CompareTo(right) > 0;

    public static bool operator <=(ClaimUid left, ClaimUid right) => left.CompareTo(right) <= 0;

    public static bool operator >=(ClaimUid left, ClaimUid right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public override string ToString() => _value ?? "(none)";
}
