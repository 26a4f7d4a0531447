using System.Text.RegularExpressions;

namespace LocalPv.RealLvm.Tests.Documents;

/// <summary>
/// What a part of a document tells an operator to type on a node (<see cref="NodePrograms"/>), read from its first command to its last.
/// </summary>
internal sealed partial class NodeDocument
{
    private readonly DocumentNode _node;
    private readonly Queue<string> _commands;

    /// <summary>The part of a document below a heading; throws where there is none.</summary>
    internal NodeDocument(DocumentNode node, string document, string heading)
    {
        var part = Parts(document).SingleOrDefault(part => part.Heading == heading);
        Assert.True(part.Commands is { Length: > 0 }, $"{document} has no part '{heading}' with commands for a node.");
        (_node, _commands) = (node, new Queue<string>(part.Commands));
    }

    /// <summary>Whether all has been typed.</summary>
    internal bool IsAtItsEnd => _commands.Count == 0;

    /// <summary>All parts of all documents that have such commands: the document and the heading.</summary>
    internal static IEnumerable<(string Document, string Heading)> All =>
        from document in Documents
        from part in Parts(document)
        where part.Commands.Length > 0
        select (document, part.Heading);

    /// <summary>All commands for a node that stand in the middle of a sentence of a document.</summary>
    internal static IEnumerable<(string Document, string Command)> AllInSentences =>
        (from document in Documents from command in InSentences(document) select (document, command)).Distinct();

    private static IEnumerable<string> Documents =>
        from file in Directory.EnumerateFiles(Root(), "*.md", SearchOption.AllDirectories)
        let document = Path.GetRelativePath(Root(), file)
        where !document.Split('/').Any(folder => folder is "bin" or "obj" or ".git")
        select document;

    /// <summary>The one command in the middle of a sentence of a document that begins with these words.</summary>
    internal static string Sentence(string document, string words)
    {
        var found = InSentences(document).Distinct().Where(command => command.StartsWith(words, StringComparison.Ordinal)).ToList();
        Assert.True(found.Count == 1, $"{document} has {found.Count} commands '{words}' in a sentence.");
        return found[0];
    }

    /// <summary>The path of a file of the repository.</summary>
    internal static string PathOf(string file) => Path.Combine(Root(), file);

    /// <summary>
    /// Types the next commands up to one that begins with these words, by the names that disks and volumes have here; answers what the
    /// last one writes.
    /// </summary>
    internal async Task<string> TypeThroughAsync(string words, params (string Document, string Here)[] names)
    {
        while (_commands.TryDequeue(out var command))
        {
            var typed = names.Aggregate(command, (text, name) => text.Replace(name.Document, name.Here, StringComparison.Ordinal));
            var answer = await _node.TypeAsync(typed);
            if (command.StartsWith(words, StringComparison.Ordinal))
            {
                return answer;
            }
        }

        throw new InvalidOperationException($"The document has no command '{words}' at its place any more.");
    }

    /// <summary>Types the next command, which begins with these words, and cuts it off as soon as it says how far it has come.</summary>
    internal Task<string> TypeAndCutOffAsync(string words)
    {
        var command = _commands.Dequeue();
        Assert.StartsWith(words, command, StringComparison.Ordinal);
        return _node.TypeAndCutOffAsync(command);
    }

    private static IEnumerable<(string Heading, string[] Commands)> Parts(string document) => Heading()
        .Split("\n## \n" + File.ReadAllText(PathOf(document)))[1..].Chunk(2)
        .Select(part => (part[0], Command().Matches(part[1])
            .Select(found => found.Groups[1].Value.Split("   #")[0].Trim()).Where(NodePrograms.Has).ToArray()));

    private static IEnumerable<string> InSentences(string document) => Code()
        .Matches(Block().Replace(File.ReadAllText(PathOf(document)), ""))
        .Select(found => LineEnd().Replace(found.Groups[1].Value, " ")).Where(NodePrograms.HasWithArguments);

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "LocalPv.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("LocalPv.sln is in none of the folders above the tests.");
    }

    [GeneratedRegex("^##+ (.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^\$ (.*)$", RegexOptions.Multiline)]
    private static partial Regex Command();

    [GeneratedRegex("^ *```.*?^ *```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"\n *")]
    private static partial Regex LineEnd();
}
