using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using LocalPv.Core.Units;

namespace LocalPv.Hosting.Options;

/// <summary>Collects everything that is wrong with the options, so that all of it is said at once. Each error names its flag.</summary>
public sealed class OptionErrors
{
    private readonly List<string> _errors = [];

    /// <summary>The errors in the order they were found.</summary>
    public IReadOnlyList<string> All => _errors;

    /// <summary>Whether anything is wrong.</summary>
    public bool Any => _errors.Count > 0;

    /// <summary>Adds an error of a flag: what is wrong and what would be right.</summary>
    public void Add(string flag, string message) => _errors.Add($"{flag}: {message}");

    /// <summary>Reads a duration within bounds, or notes why not; <paramref name="why"/> there are these, as a sentence.</summary>
    public TimeSpan Duration(string flag, string text, TimeSpan least, TimeSpan most, string why = "")
    {
        if (!DurationText.TryParse(text, out var duration))
        {
            Add(flag, $"'{text}' is not a duration; write a number and ms, s, m or h, such as 30s.");
            return least;
        }

        if (duration < least || duration > most)
        {
            Add(flag, $"{text} is not between {DurationText.Format(least)} and {DurationText.Format(most)}. {why}".TrimEnd());
        }

        return duration;
    }

    /// <summary>Reads an amount of storage within bounds, or notes why not.</summary>
    public Bytes Amount(string flag, string text, Bytes least, Bytes most)
    {
        if (!Quantity.TryParse(text, out var amount, out var error))
        {
            Add(flag, error);
            return least;
        }

        if (amount < least || amount > most)
        {
            Add(flag, $"{text} is not between {least} and {most}.");
        }

        return amount;
    }

    /// <summary>Checks that a number lies within bounds.</summary>
    public int Number(string flag, int value, int least, int most)
    {
        if (value < least || value > most)
        {
            Add(flag, $"{value} is not between {least} and {most}.");
        }

        return value;
    }

    /// <summary>Reads a whole number within bounds, or notes why not.</summary>
    public int Number(string flag, string? text, int least, int most)
    {
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
        {
            return Number(flag, value, least, most);
        }

        Add(flag, $"'{text}' is no whole number; write one between {least} and {most}.");
        return least;
    }

    /// <summary>A function that reads a name.</summary>
    public delegate bool NameReader<T>([NotNullWhen(true)] string? text, out T name);

    /// <summary>Reads a name, or notes why not.</summary>
    public T Name<T>(string flag, string? text, NameReader<T> reader, string rule)
    {
        if (!reader(text, out var name))
        {
            Add(flag, string.IsNullOrEmpty(text) ? $"is required: {rule}." : $"'{text}' is not valid: {rule}.");
        }

        return name;
    }
}
