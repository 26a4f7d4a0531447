using LocalPv.Core.Identity;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;

namespace LocalPv.Contracts.NodeStorage;

/// <summary>One node's storage under test, with blank disks, and what somebody else can do to it.</summary>
public abstract class NodeStorageBench : IDisposable
{
    /// <summary>The implementation under test.</summary>
    public abstract INodeStorage Storage { get; }

    /// <summary>The disks that were asked for, in order, as a scan would have them used.</summary>
    public abstract IReadOnlyList<DiskToUse> Disks { get; }

    /// <summary>Somebody makes a file system on a disk.</summary>
    public abstract void Format(DiskToUse disk);

    /// <summary>Somebody makes a volume group without our tag.</summary>
    public abstract void CreateForeignGroup(VolumeGroupName name, DiskToUse disk);

    /// <summary>Somebody makes a linear volume without tags.</summary>
    public abstract void CreateForeignVolume(VolumeGroupName group, LogicalVolumeName name, ExtentCount extents);

    /// <summary>The disk is gone, with all that is on it.</summary>
    public abstract void Unplug(DiskToUse disk);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives back what the bench took.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}
