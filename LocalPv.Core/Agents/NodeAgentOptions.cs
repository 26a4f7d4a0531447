using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;

namespace LocalPv.Core.Agents;

/// <summary>The settings of a <see cref="NodeAgent"/>.</summary>
public sealed record NodeAgentOptions
{
    /// <summary>The node that the agent serves.</summary>
    public required NodeName Node { get; init; }

    /// <summary>The provisioner of our classes.</summary>
    public string Provisioner { get; init; } = WellKnown.DefaultProvisioner;

    /// <summary>The namespace of the CSIStorageCapacity objects; empty to publish none.</summary>
    public string CapacityNamespace { get; init; } = "localpv-system";

    /// <summary>How often disks and LVM are looked at when nothing else asks for it.</summary>
    public TimeSpan ScanPeriod { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The shortest time between two scans.</summary>
    public TimeSpan ScanGap { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a scan may take.</summary>
    public TimeSpan ScanTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a change of LVM may take, a part of a wipe included.</summary>
    public TimeSpan MutationTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a request to the API server may take.</summary>
    public TimeSpan ApiTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A report is written at least so often, changed or not.</summary>
    public TimeSpan ReportPeriod { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long a logical volume that nobody asks for is left alone. More than <see cref="MutationTimeout"/> and
    /// <see cref="ApiTimeout"/> together, so that nothing under way can still want it.
    /// </summary>
    public TimeSpan OrphanGrace { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a volume group must have been missing before claims are sent elsewhere: disks come up late after a boot.</summary>
    public TimeSpan MissingGroupGrace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a disk that comes up blank while the agent runs must have stayed so before a rule takes it: volumes of other storage are
    /// blank until the kubelet, which waits for all of a Pod's at a time, has made a file system in them.
    /// </summary>
    public TimeSpan NewDiskGrace { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>After how long without an answer a volume group is reported as hung and offered no more.</summary>
    public TimeSpan HungAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The waits after failures.</summary>
    public Backoff Backoff { get; init; } = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));

    /// <summary>Spreads the waits of different agents; see <see cref="Agents.Backoff.After"/>.</summary>
    public ulong Spread { get; init; }

    /// <summary>How the API server is watched.</summary>
    public ReflectorOptions Reflector { get; init; } = new();
}
