using System.Collections.Immutable;

namespace LocalPv.Lvm.Devices;

/// <summary>What the kernel says of one device, in small files.</summary>
internal static class DeviceText
{
    /// <summary>Has a folder for each disk, partition and mapped device.</summary>
    internal const string Folder = "/sys/class/block";

    /// <summary>All files of a device that are ever read.</summary>
    internal static ImmutableArray<string> Attributes { get; } =
    [
        "size", "dev", "ro", "partition", "queue/rotational", "dm/uuid", "dm/name", "md/uuid", "loop/backing_file", "wwid",
        "device/wwid", "serial", "device/serial", "device/model",
    ];

    /// <summary>One of <see cref="Attributes"/>; empty where the device has none.</summary>
    internal static string Of(INodeFiles files, string device, string attribute) => files.ReadText($"{Folder}/{device}/{attribute}");
}
