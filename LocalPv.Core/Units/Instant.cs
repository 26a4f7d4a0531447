using System.Globalization;

namespace LocalPv.Core.Units;

/// <summary>
/// A moment in time (UTC), in ticks of 100 ns since 1970-01-01. The default value is the Unix epoch.
/// Core never asks for the time: an <see cref="Instant"/> is always an argument.
/// </summary>
public readonly record struct Instant(long TicksSinceEpoch) : IComparable<Instant>
{
    /// <summary>1970-01-01T00:00:00Z, also the default value.</summary>
    public static Instant Epoch => default;

    /// <summary>Later than any moment that is ever compared with it.</summary>
    public static Instant Never => new(long.MaxValue);

    /// <summary>The moment that a UTC <see cref="DateTimeOffset"/> denotes.</summary>
    public static Instant From(DateTimeOffset moment) => new((moment.UtcDateTime - DateTime.UnixEpoch).Ticks);

    /// <summary>The same moment as a framework type. Throws for <see cref="Never"/>.</summary>
    public DateTimeOffset ToDateTimeOffset() => new(DateTime.UnixEpoch.AddTicks(TicksSinceEpoch), TimeSpan.Zero);

    /// <summary>RFC 3339 with whole seconds, as Kubernetes writes <c>metav1.Time</c>.</summary>
    public string ToRfc3339() => Rfc3339Text.Of(DateTime.UnixEpoch.AddTicks(TicksSinceEpoch), micro: false);

    /// <summary>
    /// RFC 3339 with exactly six fraction digits: <c>metav1.MicroTime</c> (Leases, Events) refuses any other number of digits.
    /// </summary>
    public string ToRfc3339Micro() => Rfc3339Text.Of(DateTime.UnixEpoch.AddTicks(TicksSinceEpoch), micro: true);

    /// <summary>Reads RFC 3339 with or without a fraction and with any offset.</summary>
    public static bool TryParseRfc3339(string? text, out Instant instant)
    {
        if (Rfc3339Text.TryRead(text, out var usual))
        {
            instant = new((usual - DateTime.UnixEpoch).Ticks);
            return true;
        }

        if (DateTimeOffset.TryParse(
                text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment))
        {
            instant = From(moment);
            return true;
        }

        instant = default;
        return false;
    }

    /// <summary>Reads only what <see cref="ToRfc3339Micro"/> writes, or only what <see cref="ToRfc3339"/> does.</summary>
    public static bool TryParseRfc3339Exactly(string text, bool micro, out Instant instant)
    {
        var isExact = Rfc3339Text.TryRead(text, out var utc) && text.Length == Rfc3339Text.LengthOf(micro);
        instant = isExact ? new((utc - DateTime.UnixEpoch).Ticks) : default;
        return isExact;
    }

    /// <inheritdoc/>
    public int CompareTo(Instant other) => TicksSinceEpoch.CompareTo(other.TicksSinceEpoch);

    /// <summary>The time from <paramref name="from"/> to <paramref name="to"/>; negative if it is earlier.</summary>
    public static TimeSpan operator -(Instant to, Instant from) => new(to.TicksSinceEpoch - from.TicksSinceEpoch);

    /// <summary>The moment <paramref name="duration"/> later; <see cref="Never"/> instead of an overflow.</summary>
    public static Instant operator +(Instant from, TimeSpan duration) =>
        duration.Ticks > 0 && from.TicksSinceEpoch > long.MaxValue - duration.Ticks ? Never : new(from.TicksSinceEpoch + duration.Ticks);

    public static bool operator <(Instant left, Instant right) => left.TicksSinceEpoch < right.TicksSinceEpoch;

    public static bool operator >(Instant left, Instant right) => left.TicksSinceEpoch > right.TicksSinceEpoch;

    public static bool operator <=(Instant left, Instant right) => left.TicksSinceEpoch <= right.TicksSinceEpoch;

    public static bool operator >=(Instant left, Instant right) => left.TicksSinceEpoch >= right.TicksSinceEpoch;

    /// <summary>The earlier of two moments.</summary>
    public static Instant Min(Instant a, Instant b) => a <= b ? a : b;

    /// <summary>The later of two moments.</summary>
    public static Instant Max(Instant a, Instant b) => a >= b ? a : b;

    /// <inheritdoc/>
    public override string ToString() => this == Never ? "never" : ToRfc3339Micro();
}
