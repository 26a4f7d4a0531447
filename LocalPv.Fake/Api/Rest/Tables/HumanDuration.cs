using System.Globalization;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Api.Rest.Tables;

/// <summary>Ages as kubectl prints them (<c>k8s.io/apimachinery/pkg/util/duration</c>): two units at most, coarser with age.</summary>
public static class HumanDuration
{
    /// <summary>How long ago a moment was that an object states in RFC 3339; <c>&lt;unknown&gt;</c> where it does not.</summary>
    public static string Since(Instant now, string? moment) =>
        Instant.TryParseRfc3339(moment, out var then) ? Of(now - then) : "<unknown>";

    /// <summary>A duration for a person.</summary>
    public static string Of(TimeSpan duration)
    {
        var seconds = duration.Ticks / TimeSpan.TicksPerSecond;
        var (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
        return (seconds, minutes, hours, days) switch
        {
            ( < -1, _, _, _) => "<invalid>",
            ( < 0, _, _, _) => "0s",
            ( < 120, _, _, _) => Text($"{seconds}s"),
            (_, < 10, _, _) => Two(minutes, 'm', seconds % 60, 's'),
            (_, < 180, _, _) => Text($"{minutes}m"),
            (_, _, < 8, _) => Two(hours, 'h', minutes % 60, 'm'),
            (_, _, < 48, _) => Text($"{hours}h"),
            (_, _, < 192, _) => Two(days, 'd', hours % 24, 'h'),
            (_, _, _, < 730) => Text($"{days}d"),
            (_, _, _, < 2920) => Two(days / 365, 'y', days % 365, 'd'),
            _ => Text($"{days / 365}y"),
        };
    }

    private static string Two(long large, char largeUnit, long small, char smallUnit) =>
        small == 0 ? Text($"{large}{largeUnit}") : Text($"{large}{largeUnit}{small}{smallUnit}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
