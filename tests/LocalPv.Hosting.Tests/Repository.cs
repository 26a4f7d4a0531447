using System.Runtime.CompilerServices;

namespace LocalPv.Hosting.Tests;

/// <summary>The repository that these tests were built from.</summary>
internal static class Repository
{
    private static string Root { get; } = FindRoot();

    /// <summary>The path of a file or folder in it.</summary>
    public static string File(string path) => Path.Combine(Root, path);

    private static string FindRoot([CallerFilePath] string here = "")
    {
        foreach (var start in (ReadOnlySpan<string>)[AppContext.BaseDirectory, Path.GetDirectoryName(here)!])
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                if (System.IO.File.Exists(Path.Combine(folder.FullName, "LocalPv.sln")))
                {
                    return folder.FullName;
                }
            }
        }

        throw new InvalidOperationException("LocalPv.sln was not found above the tests; run them from a checkout.");
    }
}
