using System.Globalization;

namespace LocalPv.Core.Units;

/// <summary>A number of LVM extents, never negative. The default value is zero. Checked arithmetic.</summary>
public readonly record struct ExtentCount : IComparable<ExtentCount>
{
    /// <summary><paramref name="value"/> extents; throws for a negative number.</summary>
    public ExtentCount(long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        Value = value;
    }

    /// <summary>The number of extents, never negative.</summary>
    public long Value { get; }

    /// <summary>No extents; also the default value.</summary>
    public static ExtentCount Zero => default;

    public static ExtentCount operator +(ExtentCount a, ExtentCount b) => new(checked(a.Value + b.Value));

    /// <summary>The difference; throws where it would be negative. Use <see cref="SubtractToZero"/> where that can happen.</summary>
    public static ExtentCount operator -(ExtentCount a, ExtentCount b) => new(checked(a.Value - b.Value));

    /// <summary>The difference, or zero where <paramref name="other"/> is larger.</summary>
    public ExtentCount SubtractToZero(ExtentCount other) => other.Value >= Value ? Zero : new(Value - other.Value);

    public static bool operator <(ExtentCount a, ExtentCount b) => a.Value < b.Value;

    public static bool operator >(ExtentCount a, ExtentCount b) => a.Value > b.Value;

    public static bool operator <=(ExtentCount a, ExtentCount b) => a.Value <= b.Value;

    public static bool operator >=(ExtentCount a, ExtentCount b) => a.Value >= b.Value;

    /// <inheritdoc/>
    public int CompareTo(ExtentCount other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture) + (Value == 1 ? " extent" : " extents");
}
