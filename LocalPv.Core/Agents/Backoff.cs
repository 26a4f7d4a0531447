namespace LocalPv.Core.Agents;

/// <summary>How long to wait before the next try: doubling, bounded, and spread out so that many agents do not try at once.</summary>
/// <param name="First">The wait after the first failure, before spreading.</param>
/// <param name="Most">The longest wait, before spreading.</param>
public readonly record struct Backoff(TimeSpan First, TimeSpan Most)
{
    private const int DoublingsMax = 30;

    /// <summary>
    /// The wait after the failure number <paramref name="failures"/> (1 is the first): between 80 % and 120 % of the doubled wait,
    /// by <paramref name="spread"/>, any number, which should differ between the agents. Where the server has <paramref name="asked"/> for
    /// a longer one, no shorter than that, and up to 40 % longer: it asks all of its clients for the same. A pure function: the same input
    /// gives the same wait.
    /// </summary>
    public TimeSpan After(int failures, ulong spread, TimeSpan? asked = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(failures, 1);
        var doubled = (Int128)First.Ticks << Math.Min(failures - 1, DoublingsMax);
        var bounded = (long)Int128.Min(doubled, Most.Ticks);
        var percent = 80 + (long)(Mix(unchecked(spread + (ulong)failures)) % 41);
        var wait = new TimeSpan((long)((Int128)bounded * percent / 100));
        return asked > wait
            ? new TimeSpan((long)Int128.Min((Int128)asked.Value.Ticks * (percent + 20) / 100, TimeSpan.MaxValue.Ticks))
            : wait;
    }

    // SplitMix64's finaliser: every input bit reaches every output bit.
    private static ulong Mix(ulong value)
    {
        unchecked
        {
            value += 0x9E3779B97F4A7C15;
            value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
            value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
            return value ^ (value >> 31);
        }
    }
}
