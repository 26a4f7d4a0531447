namespace LocalPv.Hosting.Extender;

/// <summary>
/// The bounds of the extender's HTTP side. Together they are what all calls hold at most, whatever anybody sends: well below the memory
/// that its manifest allows, beside a large cluster's objects.
/// </summary>
public sealed record ExtenderHttpOptions
{
    /// <summary>
    /// The largest request that is read; a larger one is answered with 413. 128 MiB: 5,000 nodes with all their fields are 40 MB, and
    /// kube-scheduler sends at most that share of 15,000.
    /// </summary>
    public long BodyBytesMax { get; init; } = 128L << 20;

    /// <summary>
    /// How many calls with small bodies are answered at the same time, once these have come; more wait. 4: a scheduler asks one at a time.
    /// </summary>
    public int CallsMax { get; init; } = 4;

    /// <summary>
    /// A body of so many bytes is small: it takes nobody's place until the whole of it is there, so that who sends it slowly is in nobody's
    /// way. 512 KiB: the names of 10,000 nodes, and half of what the server buffers of a connection.
    /// </summary>
    public int SmallBytesMax { get; init; } = 512 << 10;

    /// <summary>
    /// What all calls with larger bodies may hold together; more wait, in the order in which they came. 152 MiB: the largest body with what
    /// is made of it, or two of up to 32 MiB.
    /// </summary>
    public long LargeBytesMax { get; init; } = 152L << 20;
}
