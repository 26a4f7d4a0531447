namespace LocalPv.Core.Capacity;

/// <summary>How long the ledger believes what nobody confirms.</summary>
public sealed record CapacityLedgerOptions
{
    /// <summary>
    /// How long an offer speaks against its nodes when no <c>selected-node</c> follows. 15 s: the annotation comes about 70 ms after
    /// filter on an idle control plane, and kube-scheduler writes at most 50 times a second after a burst of 100, so that 15 s cover 850
    /// Pods; a Pod that was turned away for another reason holds no space for longer than that.
    /// </summary>
    public TimeSpan OfferLifetime { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How late a report may be: for so long the promise of a claim that is gone, or bound, stays taken although reports do not show its
    /// volume; and longer while there is no later report. 60 s: two of the agents' usual scans, far more than a watch lags behind, and
    /// enough for an agent to tell that LVM hangs.
    /// </summary>
    public TimeSpan ReportLag { get; init; } = TimeSpan.FromSeconds(60);
}
