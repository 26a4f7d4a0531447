using System.Diagnostics.CodeAnalysis;

namespace LocalPv.Core.Identity;

/// <summary>An absolute path below /dev. The default value names nothing: reading its <see cref="Value"/> throws.</summary>
public readonly record struct DevicePath : IComparable<DevicePath>
{
    private readonly string? _value;

    private DevicePath(string value) => _value = value;

    /// <summary>The name as text, valid by construction.</summary>
    public string Value => _value ?? throw new InvalidOperationException("A default DevicePath names nothing.");

    /// <summary>False only for the default value.</summary>
    public bool IsNamed => _value is not null;

    /// <summary>
    /// Whether it names a disk by what the disk is, below <c>/dev/disk/by-id</c>, and not by a name that the kernel moves about.
    /// </summary>
    public bool IsIdentity => _value is not null && _value.StartsWith("/dev/disk/by-id/", StringComparison.Ordinal);

    /// <summary>Takes <paramref name="text"/> if it is an absolute path below /dev without empty, . or .. parts or white space.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out DevicePath name)
    {
        if (text is not null && NameRules.IsDevicePath(text))
        {
            name = new DevicePath(text);
            return true;
        }

        name = default;
        return false;
    }

    /// <summary>
    /// Takes <paramref name="text"/>; throws <see cref="FormatException"/> where it is not an absolute path below /dev without empty, .
    /// or .. parts or white space.
    /// </summary>
    public static DevicePath Parse(string text) => TryParse(text, out var name)
        ? name
        : throw new FormatException($"'{text}' is not an absolute path below /dev without empty, . or .. parts or white space.");

    /// <summary>Ordinal order.</summary>
    public int CompareTo(DevicePath other) => string.CompareOrdinal(_value, other._value);

    public static bool operator <(DevicePath left, DevicePath right) => left.CompareTo(right) < 0;

    public static bool operator >(DevicePath left, DevicePath right) => left.CompareTo(right) > 0;

    public static bool operator <=(DevicePath left, DevicePath right) => left.CompareTo(right) <= 0;

    public static bool operator >=(DevicePath left, DevicePath right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public override string ToString() => _value ?? "(none)";
}
