using LocalPv.Core.Agents;
using LocalPv.Core.Capacity;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Placement;

namespace LocalPv.Core.Traces;

/// <summary>The settings of the extender in the header of its trace. Times are in ticks of 100 ns.</summary>
public static class ExtenderOptionsTree
{
    internal static JsonMap Write(ExtenderOptions options) => JsonMap.Of(
        ("provisioner", options.Provisioner),
        ("score", options.Score.ToString()),
        ("offerLifetime", options.Ledger.OfferLifetime.Ticks),
        ("reportLag", options.Ledger.ReportLag.Ticks),
        ("staleAfter", options.StaleAfter.Ticks),
        ("unknownClaimPatience", options.UnknownClaimPatience.Ticks),
        ("capacityNamespace", options.CapacityNamespace),
        ("wakeGap", options.WakeGap.Ticks),
        ("tickPeriod", options.TickPeriod.Ticks),
        ("spread", unchecked((long)options.Reflector.Spread))).With(options.Reflector);

    /// <summary>The settings that a header has; throws <see cref="TraceException"/> where one is missing.</summary>
    public static ExtenderOptions Read(JsonMap tree) => new()
    {
        Provisioner = OptionsTree.Text(tree, "provisioner"),
        Score = Enum.TryParse<ScoreRule>(OptionsTree.Text(tree, "score"), out var score) && Enum.IsDefined(score)
            ? score
            : throw OptionsTree.Missing("score"),
        Ledger = new CapacityLedgerOptions
        {
            OfferLifetime = OptionsTree.Time(tree, "offerLifetime"),
            ReportLag = OptionsTree.Time(tree, "reportLag"),
        },
        StaleAfter = OptionsTree.Time(tree, "staleAfter"),
        UnknownClaimPatience = OptionsTree.Time(tree, "unknownClaimPatience"),
        CapacityNamespace = OptionsTree.Text(tree, "capacityNamespace"),
        WakeGap = OptionsTree.Time(tree, "wakeGap"),
        TickPeriod = OptionsTree.Time(tree, "tickPeriod"),
        Reflector = OptionsTree.Reflector(tree) with { Spread = unchecked((ulong)OptionsTree.Number(tree, "spread")) },
    };
}
