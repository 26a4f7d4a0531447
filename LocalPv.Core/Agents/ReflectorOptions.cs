namespace LocalPv.Core.Agents;

/// <summary>The periods of a <see cref="Reflector"/>.</summary>
public sealed record ReflectorOptions
{
    /// <summary>How many objects one page of a list holds. 500, as client-go's reflector asks for.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>How long a page may take.</summary>
    public TimeSpan ListTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The waits after failed lists and broken watches.</summary>
    public Backoff Backoff { get; init; } = new(TimeSpan.FromMilliseconds(800), TimeSpan.FromSeconds(30));

    /// <summary>
    /// A watch that says nothing for so long is taken for dead and opened again: bookmarks come about every 60 s, so 150 s miss two.
    /// </summary>
    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromSeconds(150);

    /// <summary>
    /// A watch that ends sooner than this counts as a failure, so that a server that closes each watch at once is not asked in a hot
    /// loop.
    /// </summary>
    public TimeSpan ShortWatch { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A watch that expires sooner than this counts as a failure, so that a server whose history is always too short is not made to list
    /// everything again and again.
    /// </summary>
    public TimeSpan ShortHistory { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long a server may list a state older than one that was seen before it is believed. Replicas catch up within seconds; only a
    /// cluster restored from a backup stays behind.
    /// </summary>
    public TimeSpan StaleListLimit { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Spreads the waits of different agents; see <see cref="Backoff.After"/>.</summary>
    public ulong Spread { get; init; }
}
