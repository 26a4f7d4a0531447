using System.Diagnostics.CodeAnalysis;

namespace LocalPv.Core.Identity;

/// <summary>The name of a PersistentVolume. The default value names nothing: reading its <see cref="Value"/> throws.</summary>
public readonly record struct PersistentVolumeName : IComparable<PersistentVolumeName>
{
    private readonly string? _value;

    private PersistentVolumeName(string value) => _value = value;

    /// <summary>The name as text, valid by construction.</summary>
    public string Value => _value ?? throw new InvalidOperationException("A default PersistentVolumeName names nothing.");

    /// <summary>False only for the default value.</summary>
    public bool IsNamed => _value is not null;

    /// <summary>Takes <paramref name="text"/> if it is a DNS subdomain of at most 253 characters.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out PersistentVolumeName name)
    {
        if (text is not null && NameRules.IsDnsSubdomain(text))
        {
            name = new PersistentVolumeName(text);
            return true;
        }

        name = default;
        return false;
    }

    /// <summary>
    /// Takes <paramref name="text"/>; throws <see cref="FormatException"/> where it is not a DNS subdomain of at most 253 characters.
    /// </summary>
    public static PersistentVolumeName Parse(string text) => TryParse(text, out var name)
        ? name
        : throw new FormatException($"'{text}' is not a DNS subdomain of at most 253 characters.");

    /// <summary>Ordinal order.</summary>
    public int CompareTo(PersistentVolumeName other) => string.CompareOrdinal(_value, other._value);

    public static bool operator <(PersistentVolumeName left, PersistentVolumeName right) => left.CompareTo(right) < 0;

    public static bool operator >(PersistentVolumeName left, PersistentVolumeName right) => left.CompareTo(right) > 0;

    public static bool operator <=(PersistentVolumeName left, PersistentVolumeName right) => left.CompareTo(right) <= 0;

    public static bool operator >=(PersistentVolumeName left, PersistentVolumeName right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public override string ToString() => _value ?? "(none)";
}
