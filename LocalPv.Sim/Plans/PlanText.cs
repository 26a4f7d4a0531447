using System.Globalization;

namespace LocalPv.Sim.Plans;

/// <summary>How values look in plans.</summary>
internal static class PlanText
{
    /// <summary>Reads a duration such as <c>80us</c>, <c>250ms</c>, <c>5s</c>, <c>2m</c>, <c>1h</c>.</summary>
    internal static bool TryDuration(string text, out TimeSpan duration)
    {
        duration = default;
        var digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        if (digits <= 0
            || !long.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || number >= 1_000_000_000_000)
        {
            return false;
        }

        TimeSpan? unit = text[digits..] switch
        {
            "us" => TimeSpan.FromMicroseconds(1),
            "ms" => TimeSpan.FromMilliseconds(1),
            "s" => TimeSpan.FromSeconds(1),
            "m" => TimeSpan.FromMinutes(1),
            "h" => TimeSpan.FromHours(1),
            _ => null,
        };
        if (unit is not { } one || number > TimeSpan.FromDays(365).Ticks / one.Ticks)
        {
            return false;
        }

        duration = number * one;
        return true;
    }

    /// <summary>Writes a duration in the largest unit that holds it; what is less than a microsecond is lost.</summary>
    internal static string Duration(TimeSpan duration)
    {
        var microseconds = duration.Ticks / TimeSpan.TicksPerMicrosecond;
        var (number, unit) = microseconds switch
        {
            0 => (0, "s"),
            _ when microseconds % 3_600_000_000 == 0 => (microseconds / 3_600_000_000, "h"),
            _ when microseconds % 60_000_000 == 0 => (microseconds / 60_000_000, "m"),
            _ when microseconds % 1_000_000 == 0 => (microseconds / 1_000_000, "s"),
            _ when microseconds % 1000 == 0 => (microseconds / 1000, "ms"),
            _ => (microseconds, "us"),
        };
        return number.ToString(CultureInfo.InvariantCulture) + unit;
    }
}
