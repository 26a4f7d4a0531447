using LocalPv.Core.Identity;
using LocalPv.Core.Units;

namespace LocalPv.Lvm.Devices;

/// <summary>A disk or partition as the kernel tells of it.</summary>
/// <param name="Name">The kernel's name, such as <c>sda1</c>; where a driver's name has <c>/</c> it has <c>!</c>.</param>
/// <param name="Number">Its major and minor number, such as <c>8:1</c>.</param>
/// <param name="Path">Its file in /dev.</param>
/// <param name="Size">Its size.</param>
internal sealed record BlockDevice(string Name, string Number, DevicePath Path, Bytes Size)
{
    /// <summary>The disk that it is a partition of; null where it is a whole one.</summary>
    internal BlockDevice? Disk { get; init; }

    internal bool IsPartition { get; init; }

    internal bool HasPartitions { get; init; }

    /// <summary>Whether it is a loop device, or a partition of one.</summary>
    internal bool IsLoop { get; init; }

    internal bool ReadOnly { get; init; }

    internal bool Rotational { get; init; }

    /// <summary>The vendor's name for it; empty where it tells none.</summary>
    internal string Model { get; init; } = "";

    /// <summary>Where it, or anything that lies on it, is mounted or used as swap; empty where nothing is seen to be.</summary>
    internal string MountPoint { get; init; } = "";

    /// <summary>What lies on it and is no partition; empty where nothing does.</summary>
    internal string Holder { get; init; } = "";
}
