using System.Diagnostics.CodeAnalysis;

namespace LocalPv.Core.Identity;

/// <summary>A tag on an LVM object (lvm(8)). The default value names nothing: reading its <see cref="Value"/> throws.</summary>
public readonly record struct LvmTag : IComparable<LvmTag>
{
    private readonly string? _value;

    private LvmTag(string value) => _value = value;

    /// <summary>The name as text, valid by construction.</summary>
    public string Value => _value ?? throw new InvalidOperationException("A default LvmTag names nothing.");

    /// <summary>False only for the default value.</summary>
    public bool IsNamed => _value is not null;

    /// <summary>
    /// Takes <paramref name="text"/> if it is 1 to 1024 of the characters LVM accepts in a tag, not starting with a dash.
    /// </summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out LvmTag name)
    {
        if (text is not null && NameRules.IsTag(text))
        {
            name = new LvmTag(text);
            return true;
        }

        name = default;
        return false;
    }

    /// <summary>
    /// Takes <paramref name="text"/>; throws <see cref="FormatException"/> where it is not 1 to 1024 of the characters LVM accepts in a
    /// tag, not starting with a dash.
    /// </summary>
    public static LvmTag Parse(string text) => TryParse(text, out var name)
        ? name
        : throw new FormatException($"'{text}' is not 1 to 1024 of the characters LVM accepts in a tag, not starting with a dash.");

    /// <summary>Ordinal order.</summary>
    public int CompareTo(LvmTag other) => string.CompareOrdinal(_value, other._value);

    public static bool operator <(LvmTag left, LvmTag right) => left.CompareTo(right) < 0;

    public static bool operator >(LvmTag left, LvmTag right) => left.CompareTo(right) > 0;

    public static bool operator <=(LvmTag left, LvmTag right) => left.CompareTo(right) <= 0;

    public static bool operator >=(LvmTag left, LvmTag right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public override string ToString() => _value ?? "(none)";
}
