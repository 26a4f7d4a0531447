using System.Diagnostics.CodeAnalysis;

namespace LocalPv.Core.Identity;

/// <summary>
/// The stable identity of a disk: it survives a reboot and a move to another port (wwn, serial number or uuid), which /dev/sdX does not.
/// The default value names nothing: reading its <see cref="Value"/> throws.
/// </summary>
public readonly record struct DiskId : IComparable<DiskId>
{
    private readonly string? _value;

    private DiskId(string value) => _value = value;

    /// <summary>The name as text, valid by construction.</summary>
    public string Value => _value ?? throw new InvalidOperationException("A default DiskId names nothing.");

    /// <summary>False only for the default value.</summary>
    public bool IsNamed => _value is not null;

    /// <summary>Takes <paramref name="text"/> if it is 1 to 255 printable characters without white space.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out DiskId name)
    {
        if (text is not null && NameRules.IsDiskId(text))
        {
            name = new DiskId(text);
            return true;
        }

        name = default;
        return false;
    }

    /// <summary>
    /// Takes <paramref name="text"/>; throws <see cref="FormatException"/> where it is not 1 to 255 printable characters without white
    /// space.
    /// </summary>
    public static DiskId Parse(string text) => TryParse(text, out var name)
        ? name
        : throw new FormatException($"'{text}' is not 1 to 255 printable characters without white space.");

    /// <summary>Ordinal order.</summary>
    public int CompareTo(DiskId other) => string.CompareOrdinal(_value, other._value);

    public static bool operator <(DiskId left, DiskId right) => left.CompareTo(right) < 0;

    public static bool operator >(DiskId left, DiskId right) => left.CompareTo(right) > 0;

    public static bool operator <=(DiskId left, DiskId right) => left.CompareTo(right) <= 0;

    public static bool operator >=(DiskId left, DiskId right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public override string ToString() => _value ?? "(none)";
}
