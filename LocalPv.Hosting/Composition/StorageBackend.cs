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

    /// <summary>
    /// The disks of the machine that a container runs on, by the machine's lvm2: its programs are run by nsenter in the namespaces of its
    /// process 1, which the container must see (hostPID) and may enter (privileged).
    /// </summary>
    LvmOfHost,

    /// <summary>Two invented disks that are gone when the process ends: for trying things out.</summary>
    Fake,
}

/// <summary>Makes the storage of a backend: the one place that knows which there are.</summary>
public static class StorageBackends
{
    /// <summary>
    /// Held by the agent that may use this node's disks; beside lvm2's own locks, in a folder that the agent shares with the host anyway.
    /// </summary>
    public const string AgentLockFile = "/run/lock/lvm/localpv-agent";

    // The same file, as a container sees it that shares no folder with the host but its processes (proc(5), /proc/pid/root).
    private const string AgentLockFileOfHost = "/proc/1/root" + AgentLockFile;

    /// <summary>
    /// The storage of this node for its agent. Only one agent at a time has it, whichever way it runs lvm2; invented disks are each
    /// agent's own.
    /// </summary>
    /// <param name="backend">Which.</param>
    /// <param name="node">The node's name, from which invented disks have theirs.</param>
    /// <param name="commandEnded">Told of each command of lvm2; see <see cref="LvmOptions.CommandEnded"/>.</param>
    public static INodeStorage CreateForAgent(
        StorageBackend backend, NodeName node, Action<string, TimeSpan, bool>? commandEnded = null)
    {
        var storage = Create(backend, node, commandEnded);
        return backend switch
        {
            StorageBackend.Lvm => new ExclusiveNodeStorage(storage, AgentLockFile, TimeProvider.System),
            StorageBackend.LvmOfHost => new ExclusiveNodeStorage(storage, AgentLockFileOfHost, TimeProvider.System),
            _ => storage,
        };
    }

    /// <summary>The storage of this node.</summary>
    /// <param name="backend">Which.</param>
    /// <param name="node">The node's name, from which invented disks have theirs.</param>
    /// <param name="commandEnded">Told of each command of lvm2; see <see cref="LvmOptions.CommandEnded"/>.</param>
    public static INodeStorage Create(StorageBackend backend, NodeName node, Action<string, TimeSpan, bool>? commandEnded = null)
    {
        if (backend is StorageBackend.Lvm or StorageBackend.LvmOfHost)
        {
            return new LvmNodeStorage(
                new LvmOptions { InHost = backend == StorageBackend.LvmOfHost, CommandEnded = commandEnded });
        }

        var lvm = new FakeLvm(node.Value);
        lvm.AddDisk("/dev/sdb", $"ata-FAKE_{node}_b", Bytes.FromGibibytes(20));
        lvm.AddDisk("/dev/sdc", $"ata-FAKE_{node}_c", Bytes.FromGibibytes(20));
        return new FakeNodeStorage(lvm);
    }
}
