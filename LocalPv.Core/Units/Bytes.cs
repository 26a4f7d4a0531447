using System.Globalization;

namespace LocalPv.Core.Units;

/// <summary>
/// An amount of storage in bytes, from 0 to 2^63-1. The default value is zero. Arithmetic is checked: leaving the range throws
/// <see cref="OverflowException"/>, since the callers bound their inputs.
/// </summary>
public readonly record struct Bytes : IComparable<Bytes>
{
    /// <summary>An amount of <paramref name="value"/> bytes; throws for a negative one.</summary>
    public Bytes(long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        Value = value;
    }

    /// <summary>The number of bytes, never negative.</summary>
    public long Value { get; }

    /// <summary>No bytes; also the default value.</summary>
    public static Bytes Zero => default;

    /// <summary>The largest amount that can be expressed, 2^63-1 bytes.</summary>
    public static Bytes MaxValue => new(long.MaxValue);

    /// <summary>The amount of <paramref name="count"/> MiB (2^20 bytes).</summary>
    public static Bytes FromMebibytes(long count) => new(count * (1L << 20));

    /// <summary>The amount of <paramref name="count"/> GiB (2^30 bytes).</summary>
    public static Bytes FromGibibytes(long count) => new(count * (1L << 30));

    public static Bytes operator +(Bytes a, Bytes b) => new(checked(a.Value + b.Value));

    /// <summary>The difference; throws where it would be negative. Use <see cref="SubtractToZero"/> where that can happen.</summary>
    public static Bytes operator -(Bytes a, Bytes b) => new(checked(a.Value - b.Value));

    /// <summary>The difference, or zero where <paramref name="other"/> is larger.</summary>
    public Bytes SubtractToZero(Bytes other) => other.Value >= Value ? Zero : new(Value - other.Value);

    public static bool operator <(Bytes a, Bytes b) => a.Value < b.Value;

    public static bool operator >(Bytes a, Bytes b) => a.Value > b.Value;

    public static bool operator <=(Bytes a, Bytes b) => a.Value <= b.Value;

    public static bool operator >=(Bytes a, Bytes b) => a.Value >= b.Value;

    /// <inheritdoc/>
    public int CompareTo(Bytes other) => Value.CompareTo(other.Value);

    /// <summary>The amount for a person: in the largest binary unit with at most two decimals, <c>1.5Gi</c>. Not for parsing.</summary>
    public override string ToString()
    {
        ReadOnlySpan<string> units = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
        var unit = 0;
        var scale = 1L;
        while (unit < units.Length - 1 && Value / scale >= 1024)
        {
            scale *= 1024;
            unit++;
        }

        var hundredths = (long)((Int128)Value * 100 / scale);
        var number = (hundredths / 100).ToString(CultureInfo.InvariantCulture);
        var rest = hundredths % 100;
        return rest == 0 ? number + units[unit]
            : rest % 10 == 0 ? string.Create(CultureInfo.InvariantCulture, $"{number}.{rest / 10}{units[unit]}")
            : string.Create(CultureInfo.InvariantCulture, $"{number}.{rest:00}{units[unit]}");
    }
}
