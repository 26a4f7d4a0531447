using System.Globalization;
using System.Numerics;

namespace LocalPv.Fake.Api.Store.Shapes;

/// <summary>
/// Quantities as a real server stores them: the largest suffix of the given family that leaves a whole number, so that <c>1024Mi</c>
/// becomes <c>1Gi</c> and <c>0.5</c> becomes <c>500m</c>; finer than nano rounds up. Source: apimachinery/pkg/api/resource.
/// </summary>
internal static class QuantityText
{
    private const string FormatWrong =
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

    private const string SuffixWrong = "unable to parse quantity's suffix";
    private const string NumberWrong = "unable to parse numeric part of quantity";

    private const int ShortDigitsMax = 15;

    private static readonly string[] Decimal = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
    private static readonly string[] Binary = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

    /// <summary>The canonical form, or why the text is no quantity.</summary>
    public static bool TryCanonical(string text, out string canonical, out string error)
    {
        error = "";
        if (TryShort(text, out canonical))
        {
            return true;
        }

        if (!TrySplit(text, out var number, out var suffix, out error) || !TryNano(number, suffix, out var nano, out error))
        {
            return false;
        }

        canonical = Array.IndexOf(Binary, suffix, 1) > 0 ? InBinary(nano)
            : suffix.Length > 1 && suffix[0] is 'e' or 'E' ? InExponent(nano)
            : InDecimal(nano);
        return true;
    }

    /// <summary>The value in billionths, for comparisons; 0 for what is no quantity.</summary>
    public static BigInteger Nano(string? text) =>
        text is not null && TrySplit(text, out var number, out var suffix, out _) && TryNano(number, suffix, out var nano, out _)
            ? nano
            : BigInteger.Zero;

    // Nearly all that is ever written: a few digits and a binary suffix, or none.
    private static bool TryShort(string text, out string canonical)
    {
        canonical = "";
        var digits = 0;
        var value = 0L;
        for (; digits < text.Length && char.IsAsciiDigit(text[digits]); digits++)
        {
            if (digits == ShortDigitsMax)
            {
                return false;
            }

            value = (value * 10) + (text[digits] - '0');
        }

        var family = digits == text.Length ? 0 : Array.IndexOf(Binary, text[digits..], 1);
        if (digits == 0 || value == 0 || family < 0 || value > long.MaxValue >> (10 * family))
        {
            return false;
        }

        value <<= 10 * family;
        var isBinary = family > 0 && value >= 1024;
        var (by, units, unit) = isBinary ? (1024, Binary, 0) : (1000, Decimal, 3);
        while (unit < units.Length - 1 && value % by == 0)
        {
            value /= by;
            unit++;
        }

        // What is canonical already stays the text it is.
        canonical = string.Create(CultureInfo.InvariantCulture, $"{value}{units[unit]}");
        canonical = canonical == text ? text : canonical;
        return true;
    }

    private static bool TrySplit(string text, out string number, out string suffix, out string error)
    {
        error = FormatWrong;
        var end = 0;
        while (end < text.Length && (char.IsAsciiDigit(text[end]) || text[end] == '.' || (end == 0 && text[end] is '+' or '-')))
        {
            end++;
        }

        (number, suffix) = (text[..end], text[end..]);
        if (number.TrimStart('+', '-').Length == 0
            || suffix.Any(letter => !char.IsAsciiDigit(letter) && !"eEinumkKMGTP+-".Contains(letter)))
        {
            return false;
        }

        error = NumberWrong;
        return number.Count(letter => letter == '.') <= 1 && number.Any(char.IsAsciiDigit);
    }

    private static bool TryNano(string number, string suffix, out BigInteger nano, out string error)
    {
        nano = default;
        error = SuffixWrong;
        var negative = number[0] == '-';
        var digits = number.TrimStart('+', '-');
        var point = digits.IndexOf('.', StringComparison.Ordinal);
        var places = point < 0 ? 0 : digits.Length - point - 1;
        var mantissa = BigInteger.Parse(digits.Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        int exponent;
        BigInteger factor = BigInteger.One;
        var binary = Array.IndexOf(Binary, suffix, 1);
        var family = Array.IndexOf(Decimal, suffix);
        if (binary > 0)
        {
            (factor, exponent) = (BigInteger.One << (10 * binary), 0);
        }
        else if (family >= 0)
        {
            exponent = (family - 3) * 3;
        }
        else if (suffix[0] is not ('e' or 'E')
            || !int.TryParse(suffix.AsSpan(1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent)
            || Math.Abs(exponent) > 1000)
        {
            return false;
        }

        var power = exponent + 9 - places;
        var scaled = mantissa * factor;
        nano = power >= 0 ? scaled * BigInteger.Pow(10, power) : RoundedUp(scaled, BigInteger.Pow(10, -power));
        nano = negative ? -nano : nano;
        return true;
    }

    private static BigInteger RoundedUp(BigInteger value, BigInteger by) => (value + by - BigInteger.One) / by;

    private static string InBinary(BigInteger nano)
    {
        var giga = BigInteger.Pow(10, 9);
        if (BigInteger.Abs(nano) < 1024 * giga || !(nano % giga).IsZero)
        {
            return InDecimal(nano);
        }

        var value = nano / giga;
        var unit = 0;
        while (unit < Binary.Length - 1 && (value % 1024).IsZero)
        {
            value /= 1024;
            unit++;
        }

        return value.ToString(CultureInfo.InvariantCulture) + Binary[unit];
    }

    private static string InDecimal(BigInteger nano)
    {
        var (value, unit) = Reduced(nano, Decimal.Length - 1);
        return value.ToString(CultureInfo.InvariantCulture) + Decimal[unit];
    }

    private static string InExponent(BigInteger nano)
    {
        var (value, unit) = Reduced(nano, 300);
        var exponent = (unit * 3) - 9;
        var suffix = exponent == 0 ? "" : "e" + exponent.ToString(CultureInfo.InvariantCulture);
        return value.ToString(CultureInfo.InvariantCulture) + suffix;
    }

    private static (BigInteger Value, int Unit) Reduced(BigInteger nano, int unitMax)
    {
        if (nano.IsZero)
        {
            return (nano, 3);
        }

        var unit = 0;
        while (unit < unitMax && (nano % 1000).IsZero)
        {
            nano /= 1000;
            unit++;
        }

        return (nano, unit);
    }
}
