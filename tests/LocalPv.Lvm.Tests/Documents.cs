namespace LocalPv.Lvm.Tests;

/// <summary>The documents of this repository, whose commands tests type.</summary>
internal static class Documents
{
    private const string Prompt = "$ ";

    /// <summary>The words of the one command of a program that a document has.</summary>
    internal static string[] CommandOf(string document, string program)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "LocalPv.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("LocalPv.sln is in none of the folders above the tests.");
        }

        var text = File.ReadAllLines(Path.Combine(folder.FullName, document));
        return text.Single(line => line.StartsWith($"{Prompt}{program} ", StringComparison.Ordinal))[Prompt.Length..].Split(' ');
    }
}
