using LocalPv.Core.Agents;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Core.Traces;

/// <summary>The settings of a node agent in the header of its trace. Times are in ticks of 100 ns.</summary>
public static class NodeAgentOptionsTree
{
    internal static JsonMap Write(NodeAgentOptions options) => JsonMap.Of(
        ("node", options.Node.Value),
        ("provisioner", options.Provisioner),
        ("capacityNamespace", options.CapacityNamespace),
        ("scanPeriod", options.ScanPeriod.Ticks),
        ("scanGap", options.ScanGap.Ticks),
        ("scanTimeout", options.ScanTimeout.Ticks),
        ("mutationTimeout", options.MutationTimeout.Ticks),
        ("apiTimeout", options.ApiTimeout.Ticks),
        ("reportPeriod", options.ReportPeriod.Ticks),
        ("orphanGrace", options.OrphanGrace.Ticks),
        ("missingGroupGrace", options.MissingGroupGrace.Ticks),
        ("hungAfter", options.HungAfter.Ticks),
        ("backoff", Write(options.Backoff)),
        ("spread", unchecked((long)options.Spread)),
        ("pageSize", options.Reflector.PageSize),
        ("listTimeout", options.Reflector.ListTimeout.Ticks),
        ("reflectorBackoff", Write(options.Reflector.Backoff)),
        ("silenceLimit", options.Reflector.SilenceLimit.Ticks),
        ("shortWatch", options.Reflector.ShortWatch.Ticks),
        ("shortHistory", options.Reflector.ShortHistory.Ticks),
        ("staleListLimit", options.Reflector.StaleListLimit.Ticks));

    /// <summary>The settings that a header has; throws <see cref="TraceException"/> where one is missing.</summary>
    public static NodeAgentOptions Read(JsonMap tree) => new()
    {
        Node = NodeName.TryParse(tree.Text("node"), out var node) ? node : throw Missing("node"),
        Provisioner = tree.Text("provisioner") ?? throw Missing("provisioner"),
        CapacityNamespace = tree.Text("capacityNamespace") ?? throw Missing("capacityNamespace"),
        ScanPeriod = Time(tree, "scanPeriod"),
        ScanGap = Time(tree, "scanGap"),
        ScanTimeout = Time(tree, "scanTimeout"),
        MutationTimeout = Time(tree, "mutationTimeout"),
        ApiTimeout = Time(tree, "apiTimeout"),
        ReportPeriod = Time(tree, "reportPeriod"),
        OrphanGrace = Time(tree, "orphanGrace"),
        MissingGroupGrace = Time(tree, "missingGroupGrace"),
        HungAfter = Time(tree, "hungAfter"),
        Backoff = ReadBackoff(tree, "backoff"),
        Spread = unchecked((ulong)Number(tree, "spread")),
        Reflector = new ReflectorOptions
        {
            PageSize = checked((int)Number(tree, "pageSize")),
            ListTimeout = Time(tree, "listTimeout"),
            Backoff = ReadBackoff(tree, "reflectorBackoff"),
            SilenceLimit = Time(tree, "silenceLimit"),
            ShortWatch = Time(tree, "shortWatch"),
            ShortHistory = Time(tree, "shortHistory"),
            StaleListLimit = Time(tree, "staleListLimit"),
        },
    };

    private static JsonMap Write(Backoff backoff) => JsonMap.Of(("first", backoff.First.Ticks), ("most", backoff.Most.Ticks));

    private static Backoff ReadBackoff(JsonMap tree, string key) =>
        tree.Map(key) is { } backoff ? new Backoff(Time(backoff, "first"), Time(backoff, "most")) : throw Missing(key);

    private static TimeSpan Time(JsonMap tree, string key) => new(Number(tree, key));

    private static long Number(JsonMap tree, string key) => tree.Number(key) ?? throw Missing(key);

    private static TraceException Missing(string key) => new($"the settings in the header have no valid '{key}'.");
}
