namespace LocalPv.Core.Units;

/// <summary>
/// RFC 3339 in the two forms that Kubernetes writes, without the framework's general machinery for dates: an API server's objects are full
/// of them.
/// </summary>
internal static class Rfc3339Text
{
    private const int SecondsLength = 20;
    private const int MicroLength = 27;

    /// <summary>How long the text of a moment is.</summary>
    internal static int LengthOf(bool micro) => micro ? MicroLength : SecondsLength;

    /// <summary>
    /// The text of a moment in UTC; <paramref name="micro"/> for six digits after the second, else what is over is cut off.
    /// </summary>
    internal static string Of(DateTime utc, bool micro) => string.Create(
        LengthOf(micro),
        (utc, micro),
        static (text, given) =>
        {
            var (utc, micro) = given;
            utc.Deconstruct(out DateOnly date, out TimeOnly _);
            Write(text[..4], date.Year);
            text[4] = '-';
            Write(text[5..7], date.Month);
            text[7] = '-';
            Write(text[8..10], date.Day);
            text[10] = 'T';
            Write(text[11..13], utc.Hour);
            text[13] = ':';
            Write(text[14..16], utc.Minute);
            text[16] = ':';
            Write(text[17..19], utc.Second);
            if (micro)
            {
                text[19] = '.';
                Write(text[20..26], (int)(utc.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond));
            }

            text[^1] = 'Z';
        });

    /// <summary>Reads a text of exactly these forms; false for every other one, which may still be a time.</summary>
    internal static bool TryRead(ReadOnlySpan<char> text, out DateTime utc)
    {
        utc = default;
        if (text.Length is not (SecondsLength or MicroLength) || text[^1] != 'Z' || text[4] != '-' || text[7] != '-' || text[10] != 'T'
            || text[13] != ':' || text[16] != ':'
            || !TryNumber(text[..4], out var year) || !TryNumber(text[5..7], out var month) || !TryNumber(text[8..10], out var day)
            || !TryNumber(text[11..13], out var hour) || !TryNumber(text[14..16], out var minute)
            || !TryNumber(text[17..19], out var second)
            || year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour > 23 || minute > 59 || second > 59)
        {
            return false;
        }

        var micros = 0;
        if (text.Length == MicroLength && (text[19] != '.' || !TryNumber(text[20..26], out micros)))
        {
            return false;
        }

        utc = new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc).AddTicks(micros * TimeSpan.TicksPerMicrosecond);
        return true;
    }

    private static void Write(Span<char> digits, int number)
    {
        for (var i = digits.Length - 1; i >= 0; i--)
        {
            digits[i] = (char)('0' + (number % 10));
            number /= 10;
        }
    }

    private static bool TryNumber(ReadOnlySpan<char> digits, out int number)
    {
        number = 0;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiDigit(digit))
            {
                return false;
            }

            number = (number * 10) + (digit - '0');
        }

        return true;
    }
}
