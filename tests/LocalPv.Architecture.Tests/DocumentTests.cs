using System.Text.RegularExpressions;

namespace LocalPv.Architecture.Tests;

/// <summary>Documents name only files that exist.</summary>
public sealed partial class DocumentTests
{
    public static IEnumerable<string> Documents =>
        Directory.EnumerateFiles(Repository.Root, "*.md", SearchOption.AllDirectories)
            .Where(file => !Repository.Relative(file).Split('/').Any(part => part is "bin" or "obj" or ".git"))
            .Order(StringComparer.Ordinal);

    [Fact]
    public void Link_LeadsToAFile() =>
        Assert.Empty(
            from document in Documents
            from Match link in RelativeLink().Matches(File.ReadAllText(document))
            let target = Path.Combine(Path.GetDirectoryName(document)!, link.Groups[1].Value)
            where !File.Exists(target) && !Directory.Exists(target)
            select $"{Repository.Relative(document)}: {link.Groups[1].Value}");

    [Fact]
    public void Document_HasOneTitle() =>
        Assert.Empty(
            from document in Documents
            let titles = TitleLine().Count(CodeBlock().Replace(File.ReadAllText(document), ""))
            where titles != 1
            select $"{Repository.Relative(document)}: {titles} titles");

    [GeneratedRegex(@"\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)")]
    private static partial Regex RelativeLink();

    [GeneratedRegex(@"^# ", RegexOptions.Multiline)]
    private static partial Regex TitleLine();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
