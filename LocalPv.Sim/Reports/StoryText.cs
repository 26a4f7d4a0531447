using System.Globalization;

namespace LocalPv.Sim.Reports;

/// <summary>A story as text: one line for each change of state, in columns.</summary>
public static class StoryText
{
    /// <summary>Writes the story; at most <paramref name="most"/> lines, the last ones.</summary>
    public static void Write(TextWriter output, IReadOnlyList<StoryLine> lines, int most = int.MaxValue)
    {
        var width = lines.Count == 0 ? 0 : lines.Max(line => line.Lane.Length);
        if (lines.Count > most)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"… {lines.Count - most} lines before"));
        }

        foreach (var line in lines.Skip(Math.Max(0, lines.Count - most)))
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{line.At.TotalSeconds,12:0.000} s {line.Event,8}  {Sign(line.Kind)} {line.Lane.PadRight(width)}  {line.Text}"));
        }
    }

    private static char Sign(StoryKind kind) => kind switch
    {
        StoryKind.Failure => '!',
        StoryKind.Fault => '*',
        StoryKind.Plan => '>',
        StoryKind.Broken => 'X',
        _ => ' ',
    };
}
