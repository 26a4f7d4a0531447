using LocalPv.Core.Units;

namespace LocalPv.Sim.Plans;

/// <summary>The nodes of a cluster, all alike, called <c>node-1</c>, <c>node-2</c>, ….</summary>
public sealed record ClusterShape(int Nodes, int Disks, Bytes DiskSize)
{
    /// <summary>Three nodes with two disks of 20 GiB each.</summary>
    public static ClusterShape Default { get; } = new(3, 2, Bytes.FromGibibytes(20));
}
