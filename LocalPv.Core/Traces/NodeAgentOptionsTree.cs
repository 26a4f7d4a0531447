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
        ("newDiskGrace", options.NewDiskGrace.Ticks),
        ("hungAfter", options.HungAfter.Ticks),
        ("backoff", OptionsTree.Of(options.Backoff)),
        ("spread", unchecked((long)options.Spread))).With(options.Reflector);

    /// <summary>The settings that a header has; throws <see cref="TraceException"/> where one is missing.</summary>
    public static NodeAgentOptions Read(JsonMap tree) => new()
    {
        Node = NodeName.TryParse(tree.Text("node"), out var node) ? node : throw OptionsTree.Missing("node"),
        Provisioner = tree.Text("provisioner") ?? throw OptionsTree.Missing("provisioner"),
        CapacityNamespace = tree.Text("capacityNamespace") ?? throw OptionsTree.Missing("capacityNamespace"),
        ScanPeriod = OptionsTree.Time(tree, "scanPeriod"),
        ScanGap = OptionsTree.Time(tree, "scanGap"),
        ScanTimeout = OptionsTree.Time(tree, "scanTimeout"),
        MutationTimeout = OptionsTree.Time(tree, "mutationTimeout"),
        ApiTimeout = OptionsTree.Time(tree, "apiTimeout"),
        ReportPeriod = OptionsTree.Time(tree, "reportPeriod"),
        OrphanGrace = OptionsTree.Time(tree, "orphanGrace"),
        MissingGroupGrace = OptionsTree.Time(tree, "missingGroupGrace"),
        NewDiskGrace = OptionsTree.Time(tree, "newDiskGrace"),
        HungAfter = OptionsTree.Time(tree, "hungAfter"),
        Backoff = OptionsTree.Backoff(tree, "backoff"),
        Spread = unchecked((ulong)OptionsTree.Number(tree, "spread")),
        Reflector = OptionsTree.Reflector(tree),
    };
}
