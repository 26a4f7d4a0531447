namespace LocalPv.Core.Disks;

/// <summary>
/// A pattern of device paths as a shell has them: <c>*</c> is any text without a slash, <c>?</c> one character but a slash.
/// </summary>
public readonly record struct PathPattern
{
    private readonly string? _text;

    private PathPattern(string text) => _text = text;

    /// <summary>The pattern as it was written; empty for the default value, which matches nothing.</summary>
    public string Text => _text ?? "";

    /// <summary>Takes an absolute pattern below /dev without white space.</summary>
    public static bool TryParse(string? text, out PathPattern pattern)
    {
        var valid = text is not null && text.Length is > 5 and <= 4096 && text.StartsWith("/dev/", StringComparison.Ordinal)
            && !text.AsSpan().ContainsAnyExceptInRange('!', '~')
            && !text.Contains("//", StringComparison.Ordinal) && !text.Contains("/../", StringComparison.Ordinal);
        pattern = valid ? new PathPattern(text!) : default;
        return valid;
    }

    /// <summary>Whether <paramref name="path"/> is one of the paths that the pattern means.</summary>
    public bool Matches(string path)
    {
        var pattern = Text;
        int p = 0, t = 0, star = -1, resume = 0;
        while (t < path.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                resume = t;
            }
            else if (p < pattern.Length && (pattern[p] == path[t] || (pattern[p] == '?' && path[t] != '/')))
            {
                p++;
                t++;
            }
            else if (star >= 0 && path[resume] != '/')
            {
                p = star + 1;
                t = ++resume;
            }
            else
            {
                return false;
            }
        }

        return p <= pattern.Length && pattern.AsSpan(p).TrimStart('*').IsEmpty && pattern.Length > 0;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
