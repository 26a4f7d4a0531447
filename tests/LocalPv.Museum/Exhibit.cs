namespace LocalPv.Museum;

/// <summary>A planted bug, as its file describes it.</summary>
/// <param name="Name">Its name, such as <c>M07</c>.</param>
/// <param name="Title">What is wrong, in a sentence.</param>
/// <param name="Fires">The invariants that may speak first.</param>
/// <param name="Least">The least that must happen for it to be seen.</param>
public sealed record Exhibit(string Name, string Title, IReadOnlyList<string> Fires, string Least)
{
    /// <summary>The bug that must always be found, or nothing that is not found means anything.</summary>
    public const string Canary = "M00";

    /// <summary>All planted bugs by name, the canary first.</summary>
    public static IReadOnlyList<Exhibit> All { get; } =
    [
        .. typeof(Exhibit).Assembly.GetManifestResourceNames()
            .Where(name => name.Length == 3 && name[0] == 'M')
            .Order(StringComparer.Ordinal)
            .Select(Read),
    ];

    private static Exhibit Read(string name)
    {
        using var reader = new StreamReader(typeof(Exhibit).Assembly.GetManifestResourceStream(name)!);
        var lines = reader.ReadToEnd().Split('\n');
        string After(string word) => lines.First(line => line.StartsWith(word, StringComparison.Ordinal))[word.Length..].Trim();
        return new Exhibit(name, After("#"), After("fires ").Split(' '), After("least "));
    }
}
