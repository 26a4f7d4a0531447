using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;

namespace LocalPv.Core.Traces;

/// <summary>
/// How what happened to an agent is written in a trace, and read again. An answer is written without its question: that is the effect of
/// the same number, of an earlier step.
/// </summary>
internal static class TraceEvents
{
    internal static JsonMap Write(AgentEvent happened) => happened switch
    {
        AgentEvent.Started => JsonMap.Of(("is", "started")),
        AgentEvent.Woke => JsonMap.Of(("is", "woke")),
        AgentEvent.ClusterAnswered answered => WithOutcome(
            JsonMap.Of(("is", "answer"), ("call", answered.Call)), answered.Outcome, answer => Write(answered.Request.Resource, answer)),
        AgentEvent.StorageAnswered answered => WithOutcome(
            JsonMap.Of(("is", "storage"), ("call", answered.Call)), answered.Outcome, StorageTrees.Write),
        AgentEvent.WatchDelivered delivered => JsonMap.Of(
            ("is", "watch"), ("watch", delivered.Watch), ("signal", Write(delivered.Signal))),
        _ => throw new ArgumentException($"{happened.GetType()} is no event of a traced agent.", nameof(happened)),
    };

    /// <summary>Reads an event; throws <see cref="TraceException"/> where it cannot be.</summary>
    internal static AgentEvent Read(JsonMap tree, TraceCalls calls) => tree.Text("is") switch
    {
        "started" => new AgentEvent.Started(),
        "woke" => new AgentEvent.Woke(),
        "answer" => ReadAnswer(tree, calls),
        "storage" when tree.Number("call") is { } call => new AgentEvent.StorageAnswered(
            call, calls.Storage(call), ReadOutcome(tree, StorageTrees.Read)),
        "watch" when tree.Number("watch") is { } watch && tree.Map("signal") is { } signal => new AgentEvent.WatchDelivered(
            watch, ReadSignal(signal, calls.Watch(watch))),
        _ => throw new TraceException($"this is no event: {tree}"),
    };

    private static AgentEvent.ClusterAnswered ReadAnswer(JsonMap tree, TraceCalls calls)
    {
        var call = tree.Number("call") ?? throw new TraceException($"this answer has no number: {tree}");
        var request = calls.Cluster(call);
        return new AgentEvent.ClusterAnswered(call, request, ReadOutcome(tree, answer => ReadAnswer(request.Resource, answer)));
    }

    private static JsonMap WithOutcome<T>(JsonMap head, Outcome<T> outcome, Func<T, JsonMap> write)
    {
        var tree = head.With("outcome", outcome.Kind.ToString());
        return outcome.TryGetValue(out var value)
            ? tree.With("value", write(value))
            : tree.With("message", outcome.Message).With("retryAfter", outcome.RetryAfter is { } wait ? JsonNumber.From(wait.Ticks) : null);
    }

    private static Outcome<T> ReadOutcome<T>(JsonMap tree, Func<JsonMap, T> read)
    {
        var kind = KindOf(tree.Text("outcome"));
        if (kind != OutcomeKind.Done)
        {
            return Outcome.Failed<T>(
                kind, tree.Text("message") ?? "", tree.Number("retryAfter") is { } ticks ? new TimeSpan(ticks) : null);
        }

        return Outcome.Done(read(tree.Map("value") ?? throw new TraceException($"this answer has no value: {tree}")));
    }

    private static OutcomeKind KindOf(string? text) => Enum.TryParse<OutcomeKind>(text, out var kind) && Enum.IsDefined(kind)
        ? kind
        : throw new TraceException($"'{text}' is no kind of outcome.");

    private static JsonMap Write(ResourceType type, ClusterAnswer answer) => JsonMap.Of(
        ("object", answer.Object is { } changed ? TraceRedaction.Of(changed.Type, changed.Tree) : null),
        ("items", answer.Object is null ? new JsonList([.. answer.Items.Select(item => TraceRedaction.Of(type, item.Tree))]) : null),
        ("version", answer.ResourceVersion),
        ("continue", answer.Continue.Length > 0 ? new JsonText(answer.Continue) : null));

    private static ClusterAnswer ReadAnswer(ResourceType type, JsonMap tree) => new(
        tree.Map("object") is { } changed ? KubernetesObject.Read(type, changed) : null,
        [.. (tree.List("items") ?? JsonList.Empty).Maps().Select(item => KubernetesObject.Read(type, item))],
        tree.Text("version") ?? "",
        tree.Text("continue") ?? "");

    private static JsonMap Write(WatchSignal signal) => signal switch
    {
        WatchSignal.Added added => Write("added", added.Object),
        WatchSignal.Modified modified => Write("modified", modified.Object),
        WatchSignal.Deleted deleted => Write("deleted", deleted.Object),
        WatchSignal.Bookmark bookmark => JsonMap.Of(("is", "bookmark"), ("version", bookmark.ResourceVersion)),
        WatchSignal.Closed closed => JsonMap.Of(("is", "closed"), ("outcome", closed.Kind.ToString()), ("message", closed.Message)),
        _ => throw new ArgumentException($"{signal.GetType()} is no signal of a watch.", nameof(signal)),
    };

    private static JsonMap Write(string what, KubernetesObject about) =>
        JsonMap.Of(("is", what), ("object", TraceRedaction.Of(about.Type, about.Tree)));

    private static WatchSignal ReadSignal(JsonMap tree, ResourceType type) => tree.Text("is") switch
    {
        "added" => new WatchSignal.Added(ReadObject(tree, type)),
        "modified" => new WatchSignal.Modified(ReadObject(tree, type)),
        "deleted" => new WatchSignal.Deleted(ReadObject(tree, type)),
        "bookmark" => new WatchSignal.Bookmark(tree.Text("version") ?? ""),
        "closed" => new WatchSignal.Closed(KindOf(tree.Text("outcome")), tree.Text("message") ?? ""),
        _ => throw new TraceException($"this is no signal of a watch: {tree}"),
    };

    private static KubernetesObject ReadObject(JsonMap tree, ResourceType type) => KubernetesObject.Read(
        type, tree.Map("object") ?? throw new TraceException($"this signal has no object: {tree}"));
}
