namespace LocalPv.Sim.Shrinking;

/// <summary>
/// Zeller's ddmin: the smallest list found, of parts of a list, for which a test still succeeds. Tries without ever larger shares first.
/// </summary>
public static class DeltaDebugging
{
    /// <summary>
    /// Leaves out what can be left out of <paramref name="items"/>. <paramref name="stillFails"/> is asked about what would be left, and is
    /// true of the whole list.
    /// </summary>
    public static IReadOnlyList<T> Minimize<T>(IReadOnlyList<T> items, Func<IReadOnlyList<T>, bool> stillFails)
    {
        var left = items;
        if (left.Count > 0 && stillFails([]))
        {
            return [];
        }

        var parts = 2;
        while (left.Count > 1)
        {
            var size = (left.Count + parts - 1) / parts;
            var smaller = WithoutOnePart(left, size, stillFails);
            if (smaller is not null)
            {
                left = smaller;
                parts = Math.Max(parts - 1, 2);
            }
            else if (size == 1)
            {
                break;
            }
            else
            {
                parts = Math.Min(parts * 2, left.Count);
            }
        }

        return left;
    }

    private static IReadOnlyList<T>? WithoutOnePart<T>(IReadOnlyList<T> items, int size, Func<IReadOnlyList<T>, bool> stillFails)
    {
        // The last come first: what happened late is needed least.
        for (var start = (items.Count - 1) / size * size; start >= 0; start -= size)
        {
            IReadOnlyList<T> rest = [.. items.Take(start), .. items.Skip(start + size)];
            if (stillFails(rest))
            {
                return rest;
            }
        }

        return null;
    }
}
