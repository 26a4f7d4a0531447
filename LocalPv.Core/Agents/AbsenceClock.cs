using LocalPv.Core.Units;

namespace LocalPv.Core.Agents;

/// <summary>
/// Since when something has been so, by our own clock: starts when it is first asked about, and again after it was not so.
/// </summary>
internal sealed class AbsenceClock
{
    private readonly SortedDictionary<string, Instant> _since = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _asked = new(StringComparer.Ordinal);

    /// <summary>How long <paramref name="what"/> has lasted at <paramref name="now"/>; it does now.</summary>
    internal TimeSpan Lasting(string what, Instant now)
    {
        _asked.Add(what);
        if (!_since.TryGetValue(what, out var since))
        {
            _since.Add(what, since = now);
        }

        return now - since;
    }

    /// <summary>Forgets all: nobody has looked for a while, and what has been so may not have been so all the time.</summary>
    internal void Clear()
    {
        _since.Clear();
        _asked.Clear();
    }

    /// <summary>Ends a round: what was not asked about in it has ended.</summary>
    internal void EndRound()
    {
        foreach (var ended in _since.Keys.Where(what => !_asked.Contains(what)).ToArray())
        {
            _since.Remove(ended);
        }

        _asked.Clear();
    }
}
