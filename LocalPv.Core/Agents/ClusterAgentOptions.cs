using LocalPv.Core.Kubernetes;

namespace LocalPv.Core.Agents;

/// <summary>The settings of a <see cref="ClusterAgent"/>.</summary>
public sealed record ClusterAgentOptions
{
    /// <summary>Who this process is: unlike every other's, such as the name of its Pod.</summary>
    public required string Identity { get; init; }

    /// <summary>The provisioner of our classes.</summary>
    public string Provisioner { get; init; } = WellKnown.DefaultProvisioner;

    /// <summary>The namespace of the Lease.</summary>
    public string LeaseNamespace { get; init; } = "localpv-system";

    /// <summary>The name of the Lease.</summary>
    public string LeaseName { get; init; } = "localpv-controller";

    /// <summary>How long a leader that is not heard of is waited for.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long a leader goes on acting without having renewed; less than <see cref="LeaseDuration"/>, since clocks differ in rate.
    /// </summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the Lease is looked at.</summary>
    public TimeSpan LeaseRetry { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The namespace of the CSIStorageCapacity objects; empty where none are published.</summary>
    public string CapacityNamespace { get; init; } = "localpv-system";

    /// <summary>The shortest time between two looks at the whole cluster.</summary>
    public TimeSpan ReviewGap { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How often the whole cluster is looked at when nothing changes: some decisions rest on how long something has lasted.
    /// </summary>
    public TimeSpan ReviewPeriod { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a Node must have been gone before its claims are given back: longer than a request of its agent can take (see
    /// <see cref="NodeAgentOptions"/>), since an agent whose Node is gone begins nothing.
    /// </summary>
    public TimeSpan NodeGoneGrace { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>How long a Node must have been gone before its objects are removed and its released volumes are given up.</summary>
    public TimeSpan NodeLostAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a Pod must have waited before the reason is looked for.</summary>
    public TimeSpan StuckAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a request to the API server may take.</summary>
    public TimeSpan ApiTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The waits after failures.</summary>
    public Backoff Backoff { get; init; } = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));

    /// <summary>Spreads the waits of different processes; see <see cref="Agents.Backoff.After"/>.</summary>
    public ulong Spread { get; init; }

    /// <summary>How the API server is watched.</summary>
    public ReflectorOptions Reflector { get; init; } = new();
}
