namespace LocalPv.Architecture.Tests;

/// <summary>The source tree these tests read.</summary>
internal static class Repository
{
    /// <summary>The folder that holds LocalPv.sln.</summary>
    internal static string Root { get; } = FindRoot();

    /// <summary>The source files of a room, without build output.</summary>
    internal static IEnumerable<string> SourcesOf(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => !Relative(file).Split('/').Any(part => part is "bin" or "obj"))
            .Order(StringComparer.Ordinal);

    /// <summary>A path as seen from the root.</summary>
    internal static string Relative(string file) => Path.GetRelativePath(Root, file).Replace('\\', '/');

    private static string FindRoot()
    {
        var here = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(here, "LocalPv.sln")))
        {
            here = Path.GetDirectoryName(here)
                ?? throw new InvalidOperationException(
                    $"No LocalPv.sln above {AppContext.BaseDirectory}: run the tests from the source tree.");
        }

        return here;
    }
}
