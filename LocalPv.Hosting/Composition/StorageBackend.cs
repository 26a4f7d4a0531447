using LocalPv.Core.Identity;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Lvm;
using LocalPv.Lvm;

namespace LocalPv.Hosting.Composition;

/// <summary>What an agent's disks are.</summary>
public enum StorageBackend
{
    /// <summary>This machine's disks, by its own lvm2.</summary>
    Lvm,

    /// <summary>Two invented disks that are gone when the process ends: for trying things out.</summary>
    Fake,
}

/// <summary>Makes the storage of a backend: the one place that knows which there are.</summary>
public static class StorageBackends
{
    /// <summary>The storage of this node.</summary>
    /// <param name="backend">Which.</param>
    /// <param name="node">The node's name, from which invented disks have theirs.</param>
    /// <param name="commandEnded">Told of each command of lvm2; see <see cref="LvmOptions.CommandEnded"/>.</param>
    public static INodeStorage Create(StorageBackend backend, NodeName node, Action<string, TimeSpan, bool>? commandEnded = null)
    {
        if (backend == StorageBackend.Lvm)
        {
            return new LvmNodeStorage(new LvmOptions { CommandEnded = commandEnded });
        }

        var lvm = new FakeLvm(node.Value);
        lvm.AddDisk("/dev/sdb", $"ata-FAKE_{node}_b", Bytes.FromGibibytes(20));
        lvm.AddDisk("/dev/sdc", $"ata-FAKE_{node}_c", Bytes.FromGibibytes(20));
        return new FakeNodeStorage(lvm);
    }
}
