using System.Text.RegularExpressions;
using LocalPv.EndToEnd.Tests.Kubectl;

namespace LocalPv.EndToEnd.Tests.Deploy;

/// <summary>A text for people, and the commands that it tells them to type.</summary>
/// <param name="Name">The path in the repository.</param>
/// <param name="Scripts">In their order: a whole <c>sh</c> block; a command after a <c>$</c>, in a line of its own, in a sentence.</param>
internal sealed partial record Document(string Name, IReadOnlyList<string> Scripts)
{
    /// <summary>All of them in the order in which an operator reads them, the rest behind.</summary>
    public static IReadOnlyList<Document> ReadAll()
    {
        string[] first =
        [
            "README.md", "docs/install.md", "docs/configure.md", "docs/reference/nodelocalstorage.md", "docs/operate.md",
            "docs/simulator.md", "docs/disk-replacement.md", "docs/upgrade.md", "docs/node-loss.md", "docs/migrate.md",
            "docs/uninstall.md", "CONTRIBUTING.md", "deploy/sim/README.md",
        ];
        var all = Directory.GetFiles(Repository.File("docs"), "*.md", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Repository.File("."), file))
            .Except(first)
            .Order(StringComparer.Ordinal);
        return [.. first.Concat(all).Select(Read)];
    }

    private static Document Read(string name) => new(name, [.. Command().Matches(File.ReadAllText(Repository.File(name))).Select(found =>
        found.Groups.Values.Skip(1).First(group => group.Success).Value)]);

    [GeneratedRegex(
        """
        ^```sh\n([^`]*?)^```
        |^\$\ ((?:.*\\\n)*.*)$
        |^(?:[ ]{4})?((?:bash|dotnet|helm|kubectl|localpv|localpv-sim)[ ].*)$
        |`((?:bash|dotnet|helm|kubectl|localpv|localpv-sim)[ ][^`\n]*)`
        """,
        RegexOptions.Multiline | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Command();
}
