namespace LocalPv.Hosting.Cli;

/// <summary>Columns of text, padded with spaces: readable, and easy to cut by tools.</summary>
internal static class PlainTable
{
    /// <summary>Writes a head line and rows; the last column is not padded.</summary>
    public static void Write(TextWriter output, IReadOnlyList<string> head, IEnumerable<IReadOnlyList<string>> rows)
    {
        IReadOnlyList<string>[] lines = [head, .. rows];
        var widths = head.Select((_, column) => lines.Max(line => line[column].Length)).ToArray();
        foreach (var line in lines)
        {
            var cells = line.Select((cell, column) => column == line.Count - 1 ? cell : cell.PadRight(widths[column]));
            output.WriteLine(string.Join("  ", cells).TrimEnd());
        }
    }
}
