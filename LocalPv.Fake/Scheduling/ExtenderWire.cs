using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;

namespace LocalPv.Fake.Scheduling;

/// <summary>
/// The extender's JSON as kube-scheduler writes and reads it (<c>k8s.io/kube-scheduler/extender/v1</c>): Go's own field names, unused ones
/// null, the Pod and Nodes without kind and apiVersion; answers are read regardless of case, as Go reads them.
/// </summary>
public static class ExtenderWire
{
    /// <summary>The body of a call.</summary>
    public static JsonMap Write(ExtenderArguments arguments) => JsonMap.Of(
        ("Pod", WithoutKind(arguments.Pod.Tree)),
        ("Nodes", WriteNodes(arguments.Nodes)),
        ("NodeNames", arguments.NodeNames is { } names ? JsonList.OfTexts(names) : JsonNull.Instance));

    /// <summary>Reads the body of a call, as an extender would.</summary>
    public static ExtenderArguments ReadArguments(JsonMap body)
    {
        var pod = new Pod(FindIgnoringCase(body, "Pod") as JsonMap ?? JsonMap.Empty);
        return new ExtenderArguments(pod, ReadNames(FindIgnoringCase(body, "NodeNames")), ReadNodes(FindIgnoringCase(body, "Nodes")));
    }

    /// <summary>What the scheduler makes of an HTTP answer: its status and body.</summary>
    public static Outcome<ExtenderAnswer> Read(ExtenderSettings extender, ExtenderVerb verb, int status, ReadOnlySpan<byte> body)
    {
        if (status != 200)
        {
            var name = verb == ExtenderVerb.Filter ? "filter" : "prioritize";
            return Failed($"failed {name} with extender at URL {extender.UrlOf(verb)}, code {status}");
        }

        try
        {
            return Read(verb, JsonTree.Parse(body));
        }
        catch (JsonException error)
        {
            return Failed(GoSyntaxError(body) ?? error.Message);
        }
    }

    /// <summary>What the scheduler makes of an answer's JSON.</summary>
    public static Outcome<ExtenderAnswer> Read(ExtenderVerb verb, JsonTree body)
    {
        if (verb == ExtenderVerb.Prioritize)
        {
            return body is JsonList list
                ? Outcome.Done<ExtenderAnswer>(new ExtenderAnswer.Prioritized([.. list.Maps().Select(ReadPriority)]))
                : Failed("json: cannot unmarshal object into Go value of type v1.HostPriorityList");
        }

        return body is JsonMap map
            ? Outcome.Done<ExtenderAnswer>(new ExtenderAnswer.Filtered(
                ReadNames(FindIgnoringCase(map, "NodeNames")),
                ReadNodes(FindIgnoringCase(map, "Nodes")),
                ReadReasons(FindIgnoringCase(map, "FailedNodes")),
                ReadReasons(FindIgnoringCase(map, "FailedAndUnresolvableNodes")),
                (FindIgnoringCase(map, "Error") as JsonText)?.Value ?? ""))
            : Failed("json: cannot unmarshal array into Go value of type v1.ExtenderFilterResult");
    }

    /// <summary>The body of an answer, as an extender written in Go would send it.</summary>
    public static JsonTree Write(ExtenderAnswer answer) => answer switch
    {
        ExtenderAnswer.Prioritized prioritized => new JsonList(
            [.. prioritized.Hosts.Select(host => (JsonTree)JsonMap.Of(("Host", host.Host), ("Score", host.Score)))]),
        ExtenderAnswer.Filtered filtered => JsonMap.Of(
            ("Nodes", WriteNodes(filtered.Nodes)),
            ("NodeNames", filtered.NodeNames is { } names ? JsonList.OfTexts(names) : JsonNull.Instance),
            ("FailedNodes", JsonMap.OfTexts(filtered.FailedNodes)),
            ("FailedAndUnresolvableNodes", JsonMap.OfTexts(filtered.FailedAndUnresolvableNodes)),
            ("Error", filtered.Error)),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>The failure of a call that had no answer in time.</summary>
    public static Outcome<ExtenderAnswer> TimedOut(ExtenderSettings extender, ExtenderVerb verb) => Failed(
        $"Post \"{extender.UrlOf(verb)}\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)");

    /// <summary>
    /// The failure of a call that found nobody listening; <paramref name="authority"/> is the host and port that was tried.
    /// </summary>
    public static Outcome<ExtenderAnswer> ConnectionRefused(ExtenderSettings extender, ExtenderVerb verb, string authority) => Failed(
        $"Post \"{extender.UrlOf(verb)}\": dial tcp {authority}: connect: connection refused");

    private static Outcome<ExtenderAnswer> Failed(string message) =>
        Outcome.Failed<ExtenderAnswer>(OutcomeKind.Unavailable, message);

    private static JsonMap WithoutKind(JsonMap tree) => tree.Without("kind").Without("apiVersion");

    // An exact name wins over one of another case, as in Go.
    private static JsonTree? FindIgnoringCase(JsonMap map, string key)
    {
        if (map.TryGet(key, out var exact))
        {
            return exact;
        }

        foreach (var (name, value) in map.AsSpan())
        {
            if (string.Equals(name, key, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        return null;
    }

    private static JsonTree WriteNodes(ImmutableArray<Node>? nodes) => nodes is { } some
        ? JsonMap.Of(
            ("metadata", JsonMap.Empty),
            ("items", new JsonList([.. some.Select(node => (JsonTree)WithoutKind(node.Tree))])))
        : JsonNull.Instance;

    private static ImmutableArray<string>? ReadNames(JsonTree? tree) => tree is JsonList list ? [.. list.Texts()] : null;

    private static ImmutableArray<Node>? ReadNodes(JsonTree? tree) => tree is JsonMap map
        ? [.. (map.List("items")?.Maps() ?? []).Select(item => new Node(item))]
        : null;

    private static ImmutableSortedDictionary<string, string> ReadReasons(JsonTree? tree)
    {
        var reasons = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (tree is JsonMap map)
        {
            foreach (var (node, reason) in map.AsSpan())
            {
                reasons[node] = (reason as JsonText)?.Value ?? "";
            }
        }

        return reasons.ToImmutable();
    }

    private static HostPriority ReadPriority(JsonMap map) => new(
        (FindIgnoringCase(map, "Host") as JsonText)?.Value ?? "",
        FindIgnoringCase(map, "Score") is JsonNumber number && number.TryGetInt64(out var score) ? score : 0);

    // Go's decoder stops at the first byte that cannot be; only the literals' case is told as Go tells it.
    private static string? GoSyntaxError(ReadOnlySpan<byte> body)
    {
        var text = Encoding.UTF8.GetString(body).TrimStart();
        if (text.Length == 0)
        {
            return "EOF";
        }

        foreach (var literal in (ReadOnlySpan<string>)["null", "true", "false"])
        {
            var same = 0;
            while (same < literal.Length && same < text.Length && text[same] == literal[same])
            {
                same++;
            }

            if (same > 0 && same < literal.Length && same < text.Length)
            {
                return $"invalid character '{text[same]}' in literal {literal} (expecting '{literal[same]}')";
            }
        }

        return text[0] is '{' or '[' ? null : $"invalid character '{text[0]}' looking for beginning of value";
    }
}
