using LocalPv.Hosting.Up.Story;

namespace LocalPv.Hosting.Up;

/// <summary>One plain line for each thing that happens: for pipes, logs and CI.</summary>
/// <param name="output">Where the lines go.</param>
internal sealed class PlainView(TextWriter output) : IUpView
{
    private readonly Lock _gate = new();

    /// <inheritdoc/>
    public void Show(TimelineEntry entry)
    {
        lock (_gate)
        {
            output.WriteLine(entry.ToString());
        }
    }

    /// <inheritdoc/>
    public void Status(string text)
    {
        // A status changes too often for lines of its own; the entries say the same.
    }
}
