namespace LocalPv.Hosting.Extender;

/// <summary>The bounds of the extender's HTTP side.</summary>
public sealed record ExtenderHttpOptions
{
    /// <summary>
    /// The largest request that is read; a larger one is answered with 413. 128 MiB: 5,000 nodes with all their fields are 40 MB, and
    /// kube-scheduler sends at most that share of 15,000.
    /// </summary>
    public long BodyBytesMax { get; init; } = 128L << 20;

    /// <summary>
    /// How many calls are answered at the same time; more wait. 4: a scheduler asks one at a time, and each call may hold two bodies.
    /// </summary>
    public int CallsMax { get; init; } = 4;
}
