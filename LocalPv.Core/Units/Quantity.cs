using System.Globalization;
using System.Numerics;

namespace LocalPv.Core.Units;

/// <summary>
/// Kubernetes' way to write amounts (<c>apimachinery/pkg/api/resource</c>): a decimal number and a suffix, binary (<c>Ki</c> …
/// <c>Ei</c>), decimal (<c>n u m k M G T P E</c>) or an exponent (<c>e3</c>, <c>E-2</c>). Exact; what is left over after
/// whole bytes rounds up.
/// </summary>
public static class Quantity
{
    // 1/2^60 has 60 decimal places: digits beyond them can only say "a little more".
    private const int FractionDigitsMax = 60;

    // As many fraction digits as can be multiplied by 2^60 in 128 bits.
    private const int FractionDigitsIn128Bits = 20;

    // Exponents beyond this are all the same: far too large, or next to nothing.
    private const long ExponentMax = 1_000_000;

    private const int WholeDigitsMax = 18;

    private static readonly string[] Units = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

    private static readonly BigInteger FractionScale = BigInteger.Pow(10, FractionDigitsMax);

    /// <summary>
    /// Reads an amount of bytes, rounded up to a whole one. False for anything that is not a quantity with at least one digit, is
    /// negative, or lies above 2^63-1; then <paramref name="error"/> says so and names the text.
    /// </summary>
    public static bool TryParse(string? text, out Bytes bytes, out string error)
    {
        bytes = default;
        if (TryReadWhole(text, out var plain))
        {
            bytes = new Bytes(plain);
            error = "";
            return true;
        }

        if (text is null || !Parts.TrySplit(text, out var parts))
        {
            error = $"'{text}' is not a quantity: write digits with a suffix such as Gi, M or e3, for example 1.5Gi.";
            return false;
        }

        if (!TryMultiply(parts, out var value))
        {
            error = $"'{text}' is too large: the largest amount is 2^63-1 bytes, just under 8Ei.";
            return false;
        }

        if (parts.Negative && value != 0)
        {
            error = $"'{text}' is negative: an amount of storage is zero or more.";
            return false;
        }

        bytes = new Bytes(value);
        error = "";
        return true;
    }

    /// <summary>
    /// The canonical form: in the largest binary unit that divides the amount, else in plain bytes. Parsing gives it back.
    /// </summary>
    public static string Format(Bytes bytes)
    {
        var unit = bytes.Value == 0 ? 0 : Math.Min(BitOperations.TrailingZeroCount(bytes.Value) / 10, Units.Length - 1);
        var number = bytes.Value >> (10 * unit);
        return unit == 0
            ? number.ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{number}{Units[unit]}");
    }

    // Nearly every amount is a few digits and a binary suffix, or none; everything else is taken apart in full.
    private static bool TryReadWhole(ReadOnlySpan<char> text, out long value)
    {
        value = 0;
        var end = 0;
        for (; end < text.Length && char.IsAsciiDigit(text[end]); end++)
        {
            if (end == WholeDigitsMax)
            {
                return false;
            }

            value = (value * 10) + (text[end] - '0');
        }

        var power = text[end..] switch
        {
            "" => 0,
            "Ki" => 10,
            "Mi" => 20,
            "Gi" => 30,
            "Ti" => 40,
            _ => -1,
        };
        if (end == 0 || power < 0 || value > long.MaxValue >> power)
        {
            return false;
        }

        value <<= power;
        return true;
    }

    // The number is the digits with the point after the first `Point` of them (which may lie outside of the digits), times 2^BinaryPower.
    private static bool TryMultiply(in Parts parts, out long value)
    {
        value = 0;
        var whole = (UInt128)0;
        for (var i = 0L; i < parts.Point; i++)
        {
            whole = (whole * 10) + (UInt128)parts.DigitAt(i);
            if (whole > long.MaxValue)
            {
                return false;
            }

            if (whole == 0 && i >= parts.DigitCount)
            {
                break;
            }
        }

        var total = (whole << parts.BinaryPower) + (UInt128)FractionRoundedUp(parts);
        if (total > long.MaxValue)
        {
            return false;
        }

        value = (long)total;
        return true;
    }

    private static BigInteger FractionRoundedUp(in Parts parts)
    {
        var first = Math.Max(parts.Point, 0);
        if (first >= parts.DigitCount || !parts.HasNonZeroFrom(first))
        {
            return 0;
        }

        return parts.DigitCount - parts.Point <= FractionDigitsIn128Bits ? ShortFraction(parts) : LongFraction(parts);
    }

    private static BigInteger ShortFraction(in Parts parts)
    {
        UInt128 digits = 0, scale = 1;
        for (var i = parts.Point; i < parts.DigitCount; i++)
        {
            digits = (digits * 10) + (UInt128)parts.DigitAt(i);
            scale *= 10;
        }

        var (quotient, rest) = UInt128.DivRem(digits << parts.BinaryPower, scale);
        return (ulong)(rest == 0 ? quotient : quotient + 1);
    }

    // Exact: 2^60 divides 10^60, so the remainder of 60 digits leaves room for all the digits after them.
    private static BigInteger LongFraction(in Parts parts)
    {
        var digits = BigInteger.Zero;
        for (var i = 0; i < FractionDigitsMax; i++)
        {
            digits = (digits * 10) + parts.DigitAt(parts.Point + i);
        }

        var quotient = BigInteger.DivRem(digits << parts.BinaryPower, FractionScale, out var rest);
        return rest.IsZero && !parts.HasNonZeroFrom(parts.Point + FractionDigitsMax) ? quotient : quotient + 1;
    }

    private readonly ref struct Parts
    {
        private readonly ReadOnlySpan<char> _whole;
        private readonly ReadOnlySpan<char> _fraction;

        private Parts(bool negative, ReadOnlySpan<char> whole, ReadOnlySpan<char> fraction, int binaryPower, long exponent)
        {
            Negative = negative;
            _whole = whole;
            _fraction = fraction;
            BinaryPower = binaryPower;
            Point = whole.Length + exponent;
        }

        public bool Negative { get; }

        public int BinaryPower { get; }

        public long Point { get; }

        public int DigitCount => _whole.Length + _fraction.Length;

        public int DigitAt(long index) =>
            index < 0 || index >= DigitCount ? 0
            : index < _whole.Length ? _whole[(int)index] - '0'
            : _fraction[(int)index - _whole.Length] - '0';

        public bool HasNonZeroFrom(long index)
        {
            for (var i = Math.Max(index, 0); i < DigitCount; i++)
            {
                if (DigitAt(i) != 0)
                {
                    return true;
                }
            }

            return false;
        }

        public static bool TrySplit(ReadOnlySpan<char> text, out Parts parts)
        {
            parts = default;
            var negative = text.StartsWith("-");
            var rest = negative || text.StartsWith("+") ? text[1..] : text;
            var whole = LeadingDigits(rest);
            rest = rest[whole.Length..];
            var fraction = rest.StartsWith(".") ? LeadingDigits(rest[1..]) : default;
            rest = rest.StartsWith(".") ? rest[(1 + fraction.Length)..] : rest;
            if (whole.Length + fraction.Length == 0 || !TryReadSuffix(rest, out var binaryPower, out var exponent))
            {
                return false;
            }

            parts = new Parts(negative, whole.TrimStart('0'), fraction, binaryPower, exponent);
            return true;
        }

        private static ReadOnlySpan<char> LeadingDigits(ReadOnlySpan<char> text)
        {
            var end = text.IndexOfAnyExceptInRange('0', '9');
            return end < 0 ? text : text[..end];
        }

        private static bool TryReadSuffix(ReadOnlySpan<char> suffix, out int binaryPower, out long exponent)
        {
            (binaryPower, exponent) = suffix switch
            {
                "" => (0, 0),
                "Ki" => (10, 0),
                "Mi" => (20, 0),
                "Gi" => (30, 0),
                "Ti" => (40, 0),
                "Pi" => (50, 0),
                "Ei" => (60, 0),
                "n" => (0, -9),
                "u" => (0, -6),
                "m" => (0, -3),
                "k" => (0, 3),
                "M" => (0, 6),
                "G" => (0, 9),
                "T" => (0, 12),
                "P" => (0, 15),
                "E" => (0, 18),
                _ => (-1, 0),
            };
            return binaryPower >= 0 || TryReadExponent(suffix, ref binaryPower, out exponent);
        }

        private static bool TryReadExponent(ReadOnlySpan<char> suffix, ref int binaryPower, out long exponent)
        {
            exponent = 0;
            if (suffix.Length < 2 || suffix[0] is not ('e' or 'E'))
            {
                return false;
            }

            var negative = suffix[1] == '-';
            var digits = suffix[1] is '-' or '+' ? suffix[2..] : suffix[1..];
            if (digits.Length == 0 || digits.ContainsAnyExceptInRange('0', '9'))
            {
                return false;
            }

            foreach (var digit in digits)
            {
                exponent = Math.Min((exponent * 10) + (digit - '0'), ExponentMax);
            }

            exponent = negative ? -exponent : exponent;
            binaryPower = 0;
            return true;
        }
    }
}
