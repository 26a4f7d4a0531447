using LocalPv.Core.Units;

namespace LocalPv.Fake.Api.Store.Shapes;

/// <summary>Times as a real server reads them, with the messages of Go's <c>time.Parse</c>.</summary>
internal static class GoTime
{
    private const string Layout = "2006-01-02T15:04:05Z07:00";
    private const string MicroLayout = "2006-01-02T15:04:05.000000Z07:00";

    private static readonly string[] Elements = ["2006", "-", "01", "-", "02", "T", "15", ":", "04", ":", "05"];

    /// <summary>Why the text is not a time, or null. A micro time has exactly six digits after the second.</summary>
    public static string? Judge(string text, bool micro)
    {
        if (Instant.TryParseRfc3339Exactly(text, micro, out _))
        {
            return null;
        }

        var layout = micro ? MicroLayout : Layout;
        string Wrong(int at, string element) =>
            $"parsing time \"{text}\" as \"{layout}\": cannot parse \"{text[Math.Min(at, text.Length)..]}\" as \"{element}\"";

        var at = 0;
        foreach (var element in Elements)
        {
            var isSign = !char.IsAsciiDigit(element[0]);
            var fits = isSign ? at < text.Length && text[at] == element[0] : Digits(text, at, element.Length);
            if (!fits)
            {
                return Wrong(at, element);
            }

            at += element.Length;
        }

        if (micro)
        {
            if (at >= text.Length || text[at] != '.' || !Digits(text, at + 1, 6))
            {
                return Wrong(at, ".000000");
            }

            at += 7;
        }
        else if (at + 1 < text.Length && text[at] is '.' or ',' && char.IsAsciiDigit(text[at + 1]))
        {
            at++;
            while (at < text.Length && char.IsAsciiDigit(text[at]))
            {
                at++;
            }
        }

        if (!IsZone(text, at))
        {
            return Wrong(at, "Z07:00");
        }

        return Instant.TryParseRfc3339(text, out _) ? null : $"parsing time \"{text}\": out of range";
    }

    /// <summary>The time in UTC, in whole seconds or with six digits; only for texts that <see cref="Judge"/> accepts.</summary>
    public static string Canonical(string text, bool micro) =>
        Instant.TryParseRfc3339Exactly(text, micro, out _) || !Instant.TryParseRfc3339(text, out var instant) ? text
        : micro ? instant.ToRfc3339Micro() : instant.ToRfc3339();

    private static bool IsZone(string text, int at) =>
        text.AsSpan(at).SequenceEqual("Z")
        || (text.Length == at + 6 && text[at] is '+' or '-' && Digits(text, at + 1, 2) && text[at + 3] == ':' && Digits(text, at + 4, 2));

    private static bool Digits(string text, int at, int count)
    {
        if (at + count > text.Length)
        {
            return false;
        }

        foreach (var letter in text.AsSpan(at, count))
        {
            if (!char.IsAsciiDigit(letter))
            {
                return false;
            }
        }

        return true;
    }
}
