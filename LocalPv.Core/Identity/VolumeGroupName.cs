using System.Diagnostics.CodeAnalysis;

namespace LocalPv.Core.Identity;

/// <summary>The name of an LVM volume group. The default value names nothing: reading its <see cref="Value"/> throws.</summary>
public readonly record struct VolumeGroupName : IComparable<VolumeGroupName>
{
    private readonly string? _value;

    private VolumeGroupName(string value) => _value = value;

    /// <summary>The name as text, valid by construction.</summary>
    public string Value => _value ?? throw new InvalidOperationException("A default VolumeGroupName names nothing.");

    /// <summary>False only for the default value.</summary>
    public bool IsNamed => _value is not null;

    /// <summary>Takes <paramref name="text"/> if it is a name that LVM accepts for a volume group.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out VolumeGroupName name)
    {
        if (text is not null && NameRules.IsVolumeGroupName(text))
        {
            name = new VolumeGroupName(text);
            return true;
        }

        name = default;
        return false;
    }

    /// <summary>
    /// Takes <paramref name="text"/>; throws <see cref="FormatException"/> where it is not a name that LVM accepts for a volume group.
    /// </summary>
    public static VolumeGroupName Parse(string text) => TryParse(text, out var name)
        ? name
        : throw new FormatException($"'{text}' is not a name that LVM accepts for a volume group.");

    /// <summary>Ordinal order.</summary>
    public int CompareTo(VolumeGroupName other) => string.CompareOrdinal(_value, other._value);

    public static bool operator <(VolumeGroupName left, VolumeGroupName right) => left.CompareTo(right) < 0;

    public static bool operator >(VolumeGroupName left, VolumeGroupName right) => left.CompareTo(right) > 0;

    public static bool operator <=(VolumeGroupName left, VolumeGroupName right) => left.CompareTo(right) <= 0;

    public static bool operator >=(VolumeGroupName left, VolumeGroupName right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public override string ToString() => _value ?? "(none)";
}
