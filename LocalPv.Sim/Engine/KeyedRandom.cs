namespace LocalPv.Sim.Engine;

/// <summary>
/// Chance without state: a number is a function of the seed, who draws, what for, and which draw it is. Taking one event out of a run
/// leaves every other draw as it was, which is what makes plans shrink well.
/// </summary>
public readonly record struct KeyedRandom
{
    private readonly ulong _key;

    private KeyedRandom(ulong key) => _key = key;

    /// <summary>The stream of a whole run.</summary>
    public static KeyedRandom FromSeed(ulong seed) => new(Mix(seed ^ 0x6C6F63616C7076UL));

    /// <summary>The stream of a part of this one, by name.</summary>
    public KeyedRandom For(string name)
    {
        // FNV-1a: the same in every process, unlike string.GetHashCode.
        var hash = 0xCBF29CE484222325UL;
        foreach (var character in name)
        {
            hash = unchecked((hash ^ character) * 0x100000001B3UL);
        }

        return new KeyedRandom(Mix(unchecked(_key + hash)));
    }

    /// <summary>The stream of a part of this one, by number.</summary>
    public KeyedRandom Split(long number) => new(Bits(number));

    /// <summary>Draw number <paramref name="draw"/>: any 64 bits.</summary>
    public ulong Bits(long draw) => Mix(unchecked(_key + ((ulong)draw * 0x9E3779B97F4A7C15UL)));

    /// <summary>Draw number <paramref name="draw"/>: a number from 0 up to, but not including, <paramref name="bound"/>.</summary>
    public long Below(long draw, long bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        return (long)Math.BigMul(Bits(draw), (ulong)bound, out _);
    }

    /// <summary>Draw number <paramref name="draw"/>: a duration between two, the shorter one included.</summary>
    public TimeSpan Between(long draw, TimeSpan least, TimeSpan most) =>
        most <= least ? least : new TimeSpan(least.Ticks + Below(draw, most.Ticks - least.Ticks));

    // SplitMix64's finaliser.
    private static ulong Mix(ulong value)
    {
        unchecked
        {
            value += 0x9E3779B97F4A7C15UL;
            value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
            value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
            return value ^ (value >> 31);
        }
    }
}
