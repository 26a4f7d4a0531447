namespace LocalPv.Hosting.Kubernetes;

/// <summary>How long a watch may last before the server ends it.</summary>
public static class WatchTimeout
{
    private const int SecondsMin = 300;
    private const int SecondsMax = 600;

    // The golden ratio of 2^64: successive multiples are spread evenly over the range (Knuth, volume 3, 6.4).
    private const ulong Golden = 0x9E3779B97F4A7C15;

    /// <summary>
    /// Between 5 and 10 minutes, by <paramref name="number"/>, so that watches that were opened together do not end together,
    /// as long as those of two processes have numbers of their own. 5 minutes is client-go's lower bound.
    /// </summary>
    public static TimeSpan Of(long number)
    {
        var spread = unchecked(((ulong)number * Golden) >> 33) % (SecondsMax - SecondsMin + 1);
        return TimeSpan.FromSeconds(SecondsMin + (long)spread);
    }
}
