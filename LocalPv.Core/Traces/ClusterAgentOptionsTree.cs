using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Core.Traces;

/// <summary>The settings of the cluster's agent in the header of its trace. Times are in ticks of 100 ns.</summary>
public static class ClusterAgentOptionsTree
{
    internal static JsonMap Write(ClusterAgentOptions options) => JsonMap.Of(
        ("identity", options.Identity),
        ("provisioner", options.Provisioner),
        ("leaseNamespace", options.LeaseNamespace),
        ("leaseName", options.LeaseName),
        ("leaseDuration", options.LeaseDuration.Ticks),
        ("renewDeadline", options.RenewDeadline.Ticks),
        ("leaseRetry", options.LeaseRetry.Ticks),
        ("capacityNamespace", options.CapacityNamespace),
        ("reviewGap", options.ReviewGap.Ticks),
        ("reviewPeriod", options.ReviewPeriod.Ticks),
        ("nodeGoneGrace", options.NodeGoneGrace.Ticks),
        ("nodeLostAfter", options.NodeLostAfter.Ticks),
        ("stuckAfter", options.StuckAfter.Ticks),
        ("apiTimeout", options.ApiTimeout.Ticks),
        ("backoff", OptionsTree.Of(options.Backoff)),
        ("spread", unchecked((long)options.Spread))).With(options.Reflector);

    /// <summary>The settings that a header has; throws <see cref="TraceException"/> where one is missing.</summary>
    public static ClusterAgentOptions Read(JsonMap tree) => new()
    {
        Identity = OptionsTree.Text(tree, "identity"),
        Provisioner = OptionsTree.Text(tree, "provisioner"),
        LeaseNamespace = OptionsTree.Text(tree, "leaseNamespace"),
        LeaseName = OptionsTree.Text(tree, "leaseName"),
        LeaseDuration = OptionsTree.Time(tree, "leaseDuration"),
        RenewDeadline = OptionsTree.Time(tree, "renewDeadline"),
        LeaseRetry = OptionsTree.Time(tree, "leaseRetry"),
        CapacityNamespace = OptionsTree.Text(tree, "capacityNamespace"),
        ReviewGap = OptionsTree.Time(tree, "reviewGap"),
        ReviewPeriod = OptionsTree.Time(tree, "reviewPeriod"),
        NodeGoneGrace = OptionsTree.Time(tree, "nodeGoneGrace"),
        NodeLostAfter = OptionsTree.Time(tree, "nodeLostAfter"),
        StuckAfter = OptionsTree.Time(tree, "stuckAfter"),
        ApiTimeout = OptionsTree.Time(tree, "apiTimeout"),
        Backoff = OptionsTree.Backoff(tree, "backoff"),
        Spread = unchecked((ulong)OptionsTree.Number(tree, "spread")),
        Reflector = OptionsTree.Reflector(tree),
    };
}
