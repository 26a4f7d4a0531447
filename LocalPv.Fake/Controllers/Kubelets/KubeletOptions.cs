using System.Collections.Immutable;
using LocalPv.Core.Identity;
using LocalPv.Fake.Controllers.Machinery;

namespace LocalPv.Fake.Controllers.Kubelets;

/// <summary>A node and how its kubelet behaves; the periods are those of Kubernetes 1.36.</summary>
public sealed record KubeletOptions : ControllerOptions
{
    /// <summary>The name of the Node.</summary>
    public required NodeName NodeName { get; init; }

    /// <summary>The value of <c>kubernetes.io/hostname</c>; null for the node's name. Some clouds make them differ.</summary>
    public string? HostName { get; init; }

    /// <summary>The identity of the machine, as its firmware says; null for the node's name.</summary>
    public string? Machine { get; init; }

    /// <summary>More labels of the Node.</summary>
    public ImmutableSortedDictionary<string, string> Labels { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>What the node has for Pods.</summary>
    public ImmutableSortedDictionary<string, string> Capacity { get; init; } =
        ImmutableSortedDictionary<string, string>.Empty
            .Add("cpu", "8").Add("memory", "32Gi").Add("pods", "110").Add("ephemeral-storage", "100Gi");

    /// <summary>The node's address.</summary>
    public string Address { get; init; } = "192.0.2.1";

    /// <summary>The first three numbers of its Pods' addresses.</summary>
    public string PodNetwork { get; init; } = "10.244.0";

    /// <summary>Whether the kubelet makes the Node object itself (<c>--register-node</c>).</summary>
    public bool RegistersNode { get; init; } = true;

    /// <summary>How often the Lease of the node is renewed (<c>leaseDurationSeconds</c> / 4).</summary>
    public TimeSpan LeasePeriod { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the Node's status is reported where it has not changed (<c>nodeStatusReportFrequency</c>).</summary>
    public TimeSpan StatusPeriod { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How often a Pod is looked at without a change (<c>syncFrequency</c>); also when a grown volume is noticed at the latest.
    /// </summary>
    public TimeSpan PodSyncPeriod { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long until a volume that could not be mounted is tried again. The real populator polls every 100 ms, which costs more than it
    /// shows.
    /// </summary>
    public TimeSpan VolumePollPeriod { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a Pod takes from its volumes being there to its containers running.</summary>
    public TimeSpan StartDuration { get; init; } = TimeSpan.FromMilliseconds(800);

    /// <summary>How long containers take to end when asked to; never longer than the grace period.</summary>
    public TimeSpan StopDuration { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Whether volumes are mounted by <see cref="MountDevice"/> effects, so that a Pod waits for a device that is not there. Without it
    /// every volume of this node counts as mounted.
    /// </summary>
    public bool MountsDevices { get; init; }
}
