using System.Globalization;

namespace LocalPv.Sim.CommandLine;

/// <summary>Seeds from one to another, both included: <c>1..1000</c>, or <c>7</c> alone.</summary>
internal readonly record struct SeedRange(ulong First, ulong Last)
{
    internal ulong Count => Last - First + 1;

    /// <summary>Part number <paramref name="index"/> of <paramref name="parts"/>, as an Indexed Job counts them, from 0.</summary>
    internal SeedRange Part(int index, int parts)
    {
        var share = Count / (ulong)parts;
        var first = First + (share * (ulong)index);
        return new SeedRange(first, index == parts - 1 ? Last : first + share - 1);
    }

    internal static bool TryParse(string text, out SeedRange range)
    {
        var dots = text.IndexOf("..", StringComparison.Ordinal);
        var (left, right) = dots < 0 ? (text, text) : (text[..dots], text[(dots + 2)..]);
        range = default;
        if (!ulong.TryParse(left, NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            || !ulong.TryParse(right, NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            || last < first || last - first >= ulong.MaxValue / 2)
        {
            return false;
        }

        range = new SeedRange(first, last);
        return true;
    }
}
