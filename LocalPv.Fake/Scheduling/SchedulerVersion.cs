namespace LocalPv.Fake.Scheduling;

/// <summary>
/// The numbers and texts of kube-scheduler that depend on its version. Defaults are those of 1.36 (<c>pkg/scheduler</c>), checked against
/// recordings of 1.36.2.
/// </summary>
public sealed record SchedulerVersion
{
    /// <summary>Kubernetes 1.36.</summary>
    public static SchedulerVersion Kubernetes136 { get; } = new() { Name = "1.36" };

    /// <summary>Kubernetes 1.32: no nomination before binding, no Pod taken from the backoff queue before its time.</summary>
    public static SchedulerVersion Kubernetes132 { get; } = new()
    {
        Name = "1.32",
        PopsFromBackoffQueue = false,
        NominatesBeforeBinding = false,
        AlignsBackoffToSeconds = false,
        ClaimsPostFilterText = "",
    };

    /// <summary>The version it models.</summary>
    public string Name { get; init; } = "";

    /// <summary>The wait after the first failure; doubles with each.</summary>
    public TimeSpan InitialBackoff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait after a failure.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often Pods whose backoff is over are moved to the active queue (<c>backoff_queue.go</c>).</summary>
    public TimeSpan BackoffFlushPeriod { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Whether backoff ends are rounded down to whole seconds and flushed on whole seconds of the clock
    /// (<c>podBackoffQOrderingWindow</c>, since 1.33).
    /// </summary>
    public bool AlignsBackoffToSeconds { get; init; } = true;

    /// <summary>How long a Pod may stay unschedulable without any event.</summary>
    public TimeSpan UnschedulableLimit { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How often the <see cref="UnschedulableLimit"/> is looked at.</summary>
    public TimeSpan UnschedulableFlushPeriod { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Whether a Pod is taken from the backoff queue when the active one is empty (<c>SchedulerPopFromBackoffQ</c>, since 1.33).
    /// </summary>
    public bool PopsFromBackoffQueue { get; init; } = true;

    /// <summary>
    /// Whether <c>status.nominatedNodeName</c> is written before volumes are bound (<c>NominatedNodeNameForExpectation</c>, since 1.35).
    /// </summary>
    public bool NominatesBeforeBinding { get; init; } = true;

    /// <summary>What the DynamicResources plugin adds to every message of a Pod that fits nowhere; empty where it says nothing.</summary>
    public string ClaimsPostFilterText { get; init; } = "no new claims to deallocate";

    /// <summary>How long the claims of a Pod may take to be bound (<c>bindTimeoutSeconds</c>).</summary>
    public TimeSpan BindTimeout { get; init; } = TimeSpan.FromSeconds(600);

    /// <summary>How often claims are looked at while they are being bound; the first look comes after one period.</summary>
    public TimeSpan BindPollPeriod { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the API server may take to answer.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Clusters with fewer nodes are searched whole (<c>minFeasibleNodesToFind</c>); also the fewest feasible nodes looked for.
    /// </summary>
    public int SampleAtLeast { get; init; } = 100;

    /// <summary>The smallest share of the nodes that is looked for, in percent.</summary>
    public int SamplePercentAtLeast { get; init; } = 5;

    /// <summary>
    /// How many feasible nodes end the search in a cluster of <paramref name="nodes"/> nodes, where the configuration asks for
    /// <paramref name="percentage"/> of them (<c>numFeasibleNodesToFind</c>).
    /// </summary>
    public int FeasibleNodesToFind(int nodes, int percentage = 0)
    {
        if (nodes < SampleAtLeast)
        {
            return nodes;
        }

        var percent = percentage > 0 ? percentage : Math.Max(50 - (nodes / 125), SamplePercentAtLeast);
        return Math.Max((int)((long)nodes * percent / 100), SampleAtLeast);
    }

    /// <summary>The wait after the failure number <paramref name="count"/>, 1 being the first.</summary>
    public TimeSpan BackoffAfter(int count)
    {
        if (count <= 0)
        {
            return TimeSpan.Zero;
        }

        var shift = Math.Min(count - 1, 30);
        return InitialBackoff.Ticks > MaxBackoff.Ticks >> shift ? MaxBackoff : new TimeSpan(InitialBackoff.Ticks << shift);
    }
}
