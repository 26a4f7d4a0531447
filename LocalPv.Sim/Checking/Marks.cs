namespace LocalPv.Sim.Checking;

/// <summary>
/// What was seen in a run, and how often: races, faults, recoveries that must happen in some runs, or the simulator tests nothing.
/// </summary>
public sealed class Marks
{
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);

    /// <summary>The marks that were hit, in order of their names.</summary>
    public IReadOnlyDictionary<string, long> Counts => _counts;

    /// <summary>This was seen.</summary>
    public void Hit(string mark) => _counts[mark] = _counts.GetValueOrDefault(mark) + 1;
}
