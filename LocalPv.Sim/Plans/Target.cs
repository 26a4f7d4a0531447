using System.Globalization;

namespace LocalPv.Sim.Plans;

/// <summary>
/// A name in a plan that is bound when its step is taken: <c>#7</c> is number 7 modulo n of the n things that are there then, in the
/// order of their names. Where there are none, the step does nothing.
/// </summary>
public static class Target
{
    /// <summary>All processes, or all nodes: for faults that hit everybody at once.</summary>
    public const string All = "all";

    /// <summary>Whether a name is late-bound.</summary>
    public static bool IsLate(string name) => name.StartsWith('#');

    /// <summary>The late-bound name of that number.</summary>
    public static string Late(long number) => "#" + number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Which of the names is meant: the name itself if it is not late-bound; null where there is none to choose from.</summary>
    public static string? Bind(string name, IReadOnlyList<string> there)
    {
        if (!IsLate(name))
        {
            return name;
        }

        var number = long.Parse(name.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture);
        return there.Count == 0 ? null : there[(int)(number % there.Count)];
    }
}
