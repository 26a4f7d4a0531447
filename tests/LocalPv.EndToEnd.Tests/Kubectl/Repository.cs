namespace LocalPv.EndToEnd.Tests.Kubectl;

/// <summary>Files of the repository that the tests use as a user would.</summary>
internal static class Repository
{
    /// <summary>The path of a file or folder, from the repository's root.</summary>
    public static string File(string relative)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !System.IO.File.Exists(Path.Combine(folder.FullName, "LocalPv.sln")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder?.FullName
            ?? throw new InvalidOperationException("LocalPv.sln is in none of the folders above the tests."), relative);
    }
}
