using System.Globalization;
using LocalPv.Hosting.Up.Story;
using Spectre.Console;

namespace LocalPv.Hosting.Up;

/// <summary>What happens as coloured lines, above a line that says what is waited for.</summary>
/// <param name="console">The terminal.</param>
/// <param name="status">The line below.</param>
internal sealed class TerminalView(IAnsiConsole console, StatusContext status) : IUpView
{
    private readonly Lock _gate = new();

    /// <inheritdoc/>
    public void Show(TimelineEntry entry)
    {
        lock (_gate)
        {
            console.MarkupLineInterpolated(
                CultureInfo.InvariantCulture,
                $"[grey]{entry.At.TotalSeconds,7:0.000}s[/]  [blue]{entry.Who,-16}[/] [bold]{entry.About,-30}[/] {entry.Text}");
        }
    }

    /// <inheritdoc/>
    public void Status(string text)
    {
        lock (_gate)
        {
            status.Status(Markup.Escape(text));
        }
    }
}
