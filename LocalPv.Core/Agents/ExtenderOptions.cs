using LocalPv.Core.Capacity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Placement;

namespace LocalPv.Core.Agents;

/// <summary>The settings of an <see cref="ExtenderAgent"/>.</summary>
public sealed record ExtenderOptions
{
    /// <summary>The provisioner of our classes.</summary>
    public string Provisioner { get; init; } = WellKnown.DefaultProvisioner;

    /// <summary>Which nodes are liked best.</summary>
    public ScoreRule Score { get; init; } = ScoreRule.Spread;

    /// <summary>How long promises and offers are believed.</summary>
    public CapacityLedgerOptions Ledger { get; init; } = new();

    /// <summary>
    /// A node whose agent has not reported for so long is offered no more: nobody there would make the volume. 15 min: three of the
    /// agents' longest periods between reports.
    /// </summary>
    public TimeSpan StaleAfter { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// How long a Pod with a claim that we have not heard of is answered with an error. The scheduler has seen the claim, so our copy is
    /// behind, usually by milliseconds. 5 s: its second retry comes after about 4.5 s; the third passes, since the claim may well be
    /// nothing of ours, and others' Pods must not wait for our copy.
    /// </summary>
    public TimeSpan UnknownClaimPatience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The namespace of the CSIStorageCapacity objects, as the agents have it; empty where there are none.</summary>
    public string CapacityNamespace { get; init; } = "localpv-system";

    /// <summary>The shortest time between two writes that make the scheduler look at waiting Pods again.</summary>
    public TimeSpan WakeGap { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How often the extender looks at the time when nothing happens: offers end by themselves, and Pods may wait for that.
    /// </summary>
    public TimeSpan TickPeriod { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How the API server is watched.</summary>
    public ReflectorOptions Reflector { get; init; } = new();
}
