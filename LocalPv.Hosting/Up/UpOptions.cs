using System.Collections.Immutable;
using LocalPv.Core.Units;

namespace LocalPv.Hosting.Up;

/// <summary>What the embedded cluster is to be like, and what is to happen in it.</summary>
public sealed record UpOptions
{
    /// <summary>How many nodes, 1 to 50.</summary>
    public int Nodes { get; init; } = 3;

    /// <summary>How many empty disks each node has, 0 to 20.</summary>
    public int DisksPerNode { get; init; } = 2;

    /// <summary>The size of each disk.</summary>
    public Bytes DiskSize { get; init; } = Bytes.FromGibibytes(20);

    /// <summary>The API server's port on the loopback address; 0 for any that is free.</summary>
    public int ApiPort { get; init; }

    /// <summary>The extender's port on the loopback address; 0 for any that is free.</summary>
    public int ExtenderPort { get; init; }

    /// <summary>
    /// Whether the cluster's scheduler cannot be configured: there is no extender, and the CSIStorageCapacity objects alone keep Pods to
    /// nodes with room.
    /// </summary>
    public bool NoExtender { get; init; }

    /// <summary>
    /// Whether LocalPv is somebody else's business: nothing of it runs, and the scheduler asks the extender that listens, or does not yet,
    /// on <see cref="ExtenderPort"/>; none where that is 0.
    /// </summary>
    public bool ClusterOnly { get; init; }

    /// <summary>Whether to apply the examples, and to spoil one node's report on the way.</summary>
    public bool Demo { get; init; }

    /// <summary>The user's manifests, applied in order.</summary>
    public ImmutableArray<string> Files { get; init; } = [];

    /// <summary>How long all claims and Pods may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Where the kubeconfig is written; null for a file of our own in the temporary folder.</summary>
    public string? KubeconfigFile { get; init; }
}
