using System.Collections.Immutable;
using System.Globalization;
using LocalPv.Core.Identity;
using LocalPv.Core.Units;

namespace LocalPv.Sim.Plans;

/// <summary>Reads the words of one line: plain words in order, then <c>key=value</c> settings in any order.</summary>
internal sealed class LineReader
{
    private readonly int _line;
    private readonly Queue<string> _words;
    private readonly SortedDictionary<string, string> _settings = new(StringComparer.Ordinal);

    internal LineReader(int line, string text)
    {
        _line = line;
        Text = text;
        _words = new Queue<string>();
        foreach (var word in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0 || word.StartsWith('{'))
            {
                _words.Enqueue(word);
            }
            else if (!_settings.TryAdd(word[..equals], word[(equals + 1)..]))
            {
                throw Problem($"'{word[..equals]}' is given twice.");
            }
        }
    }

    internal int Number => _line;

    internal string Text { get; }

    internal PlanException Problem(string problem) => new(_line, problem);

    internal bool HasWord => _words.Count > 0;

    internal string Word(string what) => _words.TryDequeue(out var word) ? word : throw Problem($"Expected {what}.");

    internal bool TryWord(string word)
    {
        if (!_words.TryPeek(out var next) || next != word)
        {
            return false;
        }

        _words.Dequeue();
        return true;
    }

    /// <summary>A name that Kubernetes would accept.</summary>
    internal string Name(string what) => Checked(Word(what), what);

    /// <summary>A name that may have its namespace before it, as in <c>team/web</c>.</summary>
    internal string NameInNamespace(string what)
    {
        var word = Word(what);
        var slash = word.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0)
        {
            Checked(word[..slash], "a namespace");
        }

        Checked(word[(slash + 1)..], what);
        return word;
    }

    internal string? Setting(string key) => _settings.Remove(key, out var value) ? value : null;

    internal ImmutableArray<string> List(string key) =>
        Setting(key) is { } value ? [.. value.Split(',', StringSplitOptions.RemoveEmptyEntries)] : [];

    internal ulong Seed(string text) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seed)
            ? seed
            : throw Problem($"'{text}' is no seed: use a whole number.");

    internal int Count(string text, string what) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 100_000
            ? number
            : throw Problem($"'{text}' is no number of {what}: use 0 to 100000.");

    internal string Size(string text) =>
        Quantity.TryParse(text, out _, out var error) ? text : throw Problem($"'{text}' is no size: {error}");

    internal Bytes Bytes(string text) =>
        Quantity.TryParse(text, out var bytes, out var error) ? bytes : throw Problem($"'{text}' is no size: {error}");

    /// <summary>A duration such as <c>250ms</c>, <c>5s</c>, <c>2m</c>, <c>1h</c>.</summary>
    internal TimeSpan Duration(string text)
    {
        if (PlanText.TryDuration(text, out var duration))
        {
            return duration;
        }

        throw Problem($"'{text}' is no duration: write 250ms, 5s, 2m or 1h.");
    }

    internal ImmutableArray<ClaimText> Claims() => [.. List("claims").Select(Claim)];

    /// <summary>Nothing may be left over.</summary>
    internal void End()
    {
        if (_words.Count > 0)
        {
            throw Problem($"'{_words.Peek()}' is more than this line takes.");
        }

        if (_settings.Count > 0)
        {
            throw Problem($"'{_settings.First().Key}' is no setting of this line.");
        }
    }

    private string Checked(string name, string what) => IsLateBound(name) || NodeName.TryParse(name, out _)
        ? name
        : throw Problem($"'{name}' is no name for {what}: use lower-case letters, digits and dashes.");

    private static bool IsLateBound(string name) =>
        Target.IsLate(name) && name.Length is > 1 and < 16 && name.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0;

    private ClaimText Claim(string text)
    {
        var parts = text.Split(':');
        return parts.Length switch
        {
            1 => new ClaimText(parts[0], "", ""),
            3 => new ClaimText(parts[0], Size(parts[1]), parts[2]),
            _ => throw Problem($"'{text}' is no claim: write name:size:class, or name for one that exists."),
        };
    }
}
