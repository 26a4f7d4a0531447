using System.Collections.Immutable;
using System.Globalization;
using LocalPv.Core.Identity;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Units;

namespace LocalPv.Lvm.Devices;

/// <summary>
/// Lists the block devices from what the kernel tells below /sys and /proc: that asks no device, waits for none, and needs neither a
/// program nor udev. The files are described in Documentation/ABI/stable/sysfs-block of the kernel.
/// </summary>
/// <param name="files">The node's files.</param>
/// <param name="named">Devices that are wanted whatever they are.</param>
internal sealed class BlockDevices(INodeFiles files, ImmutableArray<DevicePath> named)
{
    /// <summary>Has a folder for each disk and mapped device, and none for partitions.</summary>
    internal const string Disks = "/sys/block";

    // Of whatever device: the kernel counts in these.
    private const int SectorLength = 512;

    private readonly LoopDevices _loops = new(files);

    /// <summary>
    /// All disks and partitions that could be physical volumes, by name. What device-mapper makes is left out but for paths to one disk:
    /// it lies on disks, but is none. So are loop devices that show no file: each is a second sight of another device, such as the one
    /// that a kubelet puts before a block volume of a Pod. Unavailable where the kernel's list is not seen.
    /// </summary>
    internal Outcome<ImmutableArray<BlockDevice>> List()
    {
        var names = files.Names(Disks).Order(StringComparer.Ordinal).ToArray();
        if (names.Length == 0)
        {
            return Outcome.Failed<ImmutableArray<BlockDevice>>(
                OutcomeKind.Unavailable, $"No block device is seen in {Disks}: give the agent the node's /sys.");
        }

        var mounts = DeviceMounts.Read(files);
        return Outcome.Done<ImmutableArray<BlockDevice>>([.. names.SelectMany(name => WithPartitions(name, mounts))]);
    }

    private IEnumerable<BlockDevice> WithPartitions(string name, DeviceMounts mounts)
    {
        if (!IsWanted(name) || Read(name, mounts) is not { } disk)
        {
            return [];
        }

        // A partition's folder lies in its disk's.
        var partitions = files.Names($"{Disks}/{name}")
            .Where(part => part.StartsWith(name, StringComparison.Ordinal) && Text(part, "partition").Length > 0)
            .Order(StringComparer.Ordinal)
            .Select(part => Read(part, mounts)).OfType<BlockDevice>()
            .ToArray();
        disk = disk with
        {
            HasPartitions = partitions.Length > 0,
            MountPoint = FirstOf(partitions.Select(part => part.MountPoint).Prepend(disk.MountPoint)),
            Holder = FirstOf(partitions.Select(part => part.Holder).Prepend(disk.Holder)),
        };

        // Only the disk says whether it spins.
        return partitions.Select(part => part with { Disk = disk, IsPartition = true, Rotational = disk.Rotational, IsLoop = disk.IsLoop })
            .Prepend(disk);
    }

    // Most of what device-mapper makes are logical volumes: there may be hundreds. A CD cannot be written.
    private bool IsWanted(string name) =>
        name.StartsWith("dm-", StringComparison.Ordinal)
            ? Text(name, "dm/uuid").StartsWith("mpath-", StringComparison.Ordinal)
            : LoopDevices.IsLoop(name)
                ? DevicePath.TryParse(PathOf(name), out var path) && (named.Contains(path) || _loops.ShowsFile(name))
                : !name.StartsWith("sr", StringComparison.Ordinal);

    // Null for one without a medium, one that has gone meanwhile, and a path that the kernel hides behind another device.
    private BlockDevice? Read(string name, DeviceMounts mounts)
    {
        var sectors = Number(Text(name, "size"));
        var number = Text(name, "dev");
        if (sectors <= 0 || sectors > long.MaxValue / SectorLength || number.Length == 0
            || !DevicePath.TryParse(PathOf(name), out var path))
        {
            return null;
        }

        return new BlockDevice(name, number, path, new Bytes(sectors * SectorLength))
        {
            IsLoop = LoopDevices.IsLoop(name),
            ReadOnly = Text(name, "ro") == "1",
            Rotational = Text(name, "queue/rotational") == "1",
            Model = Text(name, "device/model"),
            MountPoint = mounts.Of(number),
            Holder = FirstOf(files.Names($"{DeviceText.Folder}/{name}/holders").Order(StringComparer.Ordinal)),
        };
    }

    private string PathOf(string name) =>
        Text(name, "dm/name") is { Length: > 0 } mapped ? "/dev/mapper/" + mapped : "/dev/" + name.Replace('!', '/');

    private string Text(string device, string attribute) => DeviceText.Of(files, device, attribute);

    private static string FirstOf(IEnumerable<string> texts) => texts.FirstOrDefault(text => text.Length > 0) ?? "";

    private static long Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
