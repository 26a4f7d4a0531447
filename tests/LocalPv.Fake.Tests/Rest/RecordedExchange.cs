using System.Globalization;
using System.Text;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Tests.Rest;

/// <summary>One request that was sent to a real API server, and what it answered.</summary>
public sealed record RecordedExchange(
    int Number, string Name, string Method, string Target, IReadOnlyList<KeyValuePair<string, string>> RequestHeaders, string Body,
        int Code,
    IReadOnlyList<KeyValuePair<string, string>> ResponseHeaders, string Response)
{
    /// <summary>Whether the answer is a stream of events.</summary>
    public bool IsWatch => Target.Contains("watch=1", StringComparison.Ordinal) && Code == 200;

    /// <summary>All exchanges in the order in which they were made.</summary>
    public static IReadOnlyList<RecordedExchange> ReadAll()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Recordings", "ApiServer");
        return [.. Directory.GetFiles(folder, "*.request.txt").Order(StringComparer.Ordinal).Select(Read)];
    }

    /// <summary>A header of the request; empty for none.</summary>
    public string RequestHeader(string name) => RequestHeaders.FirstOrDefault(header => header.Key == name).Value ?? "";

    /// <summary>The documents of the answer: one, or one for each event of a watch.</summary>
    public IReadOnlyList<JsonTree> Documents() => IsWatch
        ? [.. Response.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonTree.Parse(line))]
        : [JsonTree.Parse(Response)];

    private static RecordedExchange Read(string requestFile)
    {
        var stem = requestFile[..^".request.txt".Length];
        var name = Path.GetFileName(stem);
        var (line, headers, body) = Split(File.ReadAllText(requestFile));
        var (status, responseHeaders, _) = Split(File.ReadAllText(stem + ".response-headers.txt"));
        var request = line.Split(' ');
        return new RecordedExchange(
            int.Parse(name.Split('-')[0], CultureInfo.InvariantCulture), name, request[0], request[1], headers, body,
            int.Parse(status.Split(' ')[1], CultureInfo.InvariantCulture), responseHeaders, File.ReadAllText(stem + ".response.json"));
    }

    private static (string First, List<KeyValuePair<string, string>> Headers, string Body) Split(string text)
    {
        var lines = text.Replace("\r", "", StringComparison.Ordinal).Split('\n');
        var headers = new List<KeyValuePair<string, string>>();
        var at = 1;
        for (; at < lines.Length && lines[at].Length > 0; at++)
        {
            var colon = lines[at].IndexOf(':', StringComparison.Ordinal);
            headers.Add(new(lines[at][..colon], lines[at][(colon + 1)..].Trim()));
        }

        var body = new StringBuilder();
        foreach (var line in lines.Skip(at + 1))
        {
            body.Append(line).Append('\n');
        }

        return (lines[0], headers, body.ToString().TrimEnd('\n'));
    }
}
