using System.Globalization;
using System.Text;

namespace LocalPv.Core.Outcomes;

/// <summary>
/// Makes text that came from outside fit to be shown to people: in an answer, a log or on a terminal it can neither begin a line, nor move
/// the cursor, nor turn the direction of what follows.
/// </summary>
public static class PlainText
{
    /// <summary>
    /// <paramref name="text"/> on one line: breaks and tabs become spaces; other control and format characters and halves of surrogate
    /// pairs their code, such as <c>\u001b</c>. The same instance where there is none of them.
    /// </summary>
    public static string Of(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!IsPlain(text, i))
            {
                return Written(text, i);
            }
        }

        return text;
    }

    private static string Written(string text, int from)
    {
        var written = new StringBuilder(text.Length + 16).Append(text, 0, from);
        for (var i = from; i < text.Length; i++)
        {
            if (IsPlain(text, i))
            {
                written.Append(text[i]);
            }
            else if (text[i] is '\n' or '\r' or '\t')
            {
                written.Append(' ');
            }
            else
            {
                written.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[i]:x4}");
            }
        }

        return written.ToString();
    }

    private static bool IsPlain(string text, int at)
    {
        var one = text[at];
        return one switch
        {
            >= ' ' and <= '~' => true,
            _ when char.IsHighSurrogate(one) => at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]),
            _ when char.IsLowSurrogate(one) => at > 0 && char.IsHighSurrogate(text[at - 1]),
            _ => char.GetUnicodeCategory(one) is not (UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator),
        };
    }
}
