namespace LocalPv.Lvm.Tests;

/// <summary>The documents of this repository, whose commands tests type.</summary>
internal static class Documents
{
    private const string Prompt = "$ ";

    /// <summary>The words of the one command of a program that a document has.</summary>
    internal static string[] CommandOf(string document, string program)
    {
        var text = Read(document).Split('\n');
        return text.Single(line => line.StartsWith($"{Prompt}{program} ", StringComparison.Ordinal))[Prompt.Length..].Split(' ');
    }

    /// <summary>The words of the one command of a program that a document has in the middle of a sentence.</summary>
    internal static string[] InSentence(string document, string program) =>
        Read(document).Split('`').Single(code => code.StartsWith($"{program} ", StringComparison.Ordinal)).Split(' ');

    private static string Read(string document)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "LocalPv.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("LocalPv.sln is in none of the folders above the tests.");
        }

        return File.ReadAllText(Path.Combine(folder.FullName, document));
    }
}
