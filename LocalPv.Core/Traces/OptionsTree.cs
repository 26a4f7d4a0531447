using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Core.Traces;

/// <summary>What the settings of all agents have in common, in the headers of their traces. Times are in ticks of 100 ns.</summary>
internal static class OptionsTree
{
    internal static JsonMap Of(Backoff backoff) => JsonMap.Of(("first", backoff.First.Ticks), ("most", backoff.Most.Ticks));

    /// <summary>Settings with those of how the API server is watched beside them.</summary>
    internal static JsonMap With(this JsonMap tree, ReflectorOptions options) => tree
        .With("pageSize", options.PageSize)
        .With("listTimeout", options.ListTimeout.Ticks)
        .With("reflectorBackoff", Of(options.Backoff))
        .With("silenceLimit", options.SilenceLimit.Ticks)
        .With("shortWatch", options.ShortWatch.Ticks)
        .With("shortHistory", options.ShortHistory.Ticks)
        .With("staleListLimit", options.StaleListLimit.Ticks);

    internal static ReflectorOptions Reflector(JsonMap tree) => new()
    {
        PageSize = checked((int)Number(tree, "pageSize")),
        ListTimeout = Time(tree, "listTimeout"),
        Backoff = Backoff(tree, "reflectorBackoff"),
        SilenceLimit = Time(tree, "silenceLimit"),
        ShortWatch = Time(tree, "shortWatch"),
        ShortHistory = Time(tree, "shortHistory"),
        StaleListLimit = Time(tree, "staleListLimit"),
    };

    internal static Backoff Backoff(JsonMap tree, string key) =>
        tree.Map(key) is { } backoff ? new Backoff(Time(backoff, "first"), Time(backoff, "most")) : throw Missing(key);

    internal static TimeSpan Time(JsonMap tree, string key) => new(Number(tree, key));

    internal static long Number(JsonMap tree, string key) => tree.Number(key) ?? throw Missing(key);

    internal static string Text(JsonMap tree, string key) => tree.Text(key) ?? throw Missing(key);

    internal static TraceException Missing(string key) => new($"the settings in the header have no valid '{key}'.");
}
