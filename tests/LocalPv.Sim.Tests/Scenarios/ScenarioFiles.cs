using System.Runtime.CompilerServices;

namespace LocalPv.Sim.Tests.Scenarios;

/// <summary>The scenarios beside this file.</summary>
internal static class ScenarioFiles
{
    private static readonly string Folder = Path.Combine(SourceFolder(), "Files");

    internal static IEnumerable<string> Names =>
        Directory.EnumerateFiles(Folder, "*.txt").Select(Path.GetFileName).Order(StringComparer.Ordinal)!;

    internal static string PathOf(string name) => Path.Combine(Folder, name);

    private static string SourceFolder([CallerFilePath] string here = "")
    {
        // Continuous integration maps source paths away, so the folder is looked for from the program, upwards.
        if (Directory.Exists(Path.Combine(Path.GetDirectoryName(here)!, "Files")))
        {
            return Path.GetDirectoryName(here)!;
        }

        var folder = AppContext.BaseDirectory;
        while (!Directory.Exists(Path.Combine(folder, "tests", "LocalPv.Sim.Tests", "Scenarios", "Files")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("The scenario files are not above the tests.");
        }

        return Path.Combine(folder, "tests", "LocalPv.Sim.Tests", "Scenarios");
    }
}
