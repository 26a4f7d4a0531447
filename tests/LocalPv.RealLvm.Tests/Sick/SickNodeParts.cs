using System.Collections.Immutable;
using LocalPv.Core.Units;

namespace LocalPv.RealLvm.Tests.Sick;

/// <summary>What a <see cref="SickNode"/> is made of.</summary>
internal sealed record SickNodeParts
{
    internal const string Linear = """{"type":"linear"}""";

    /// <summary>Disks of the guest.</summary>
    internal ImmutableArray<Bytes> Disks { get; init; } = [Bytes.FromMebibytes(33), Bytes.FromMebibytes(33)];

    /// <summary>How the names of the disks begin that LVM looks at.</summary>
    internal string DiskKind { get; init; } = "loop";

    internal required ImmutableArray<string> Modules { get; init; }

    /// <summary>What is done after each boot.</summary>
    internal required string Setup { get; init; }

    /// <summary>The disks of the sick group.</summary>
    internal ImmutableArray<string> SickPaths { get; init; } = ["/dev/loop0"];

    /// <summary>The disk of the group that stays well.</summary>
    internal string WellPath { get; init; } = "/dev/loop1";

    /// <summary>The only devices that the backend looks at; empty for all.</summary>
    internal ImmutableArray<string> Devices { get; init; } = ["/dev/loop0", "/dev/loop1"];

    /// <summary>The layout of the sick group's volumes.</summary>
    internal string Layout { get; init; } = Linear;

    /// <summary>
    /// Below the sick disk lies a device of the kernel that can be made to fail in many ways. A loop device stands before it, since LVM's
    /// own kind of device is no disk to the agent; it reads and writes directly, so that no cache covers a fault up.
    /// </summary>
    internal static SickNodeParts Switchable { get; } = new()
    {
        Modules = ["loop", "dm-flakey", "dm-delay"],
        Setup =
            """
            dmsetup create below --table "0 $(blockdev --getsz /dev/ubda) linear /dev/ubda 0"
            losetup --direct-io=on /dev/loop0 /dev/mapper/below
            losetup --direct-io=on /dev/loop1 /dev/ubdb
            """,
    };

    /// <summary>Volumes that promise more than there is.</summary>
    internal static SickNodeParts Thin { get; } = new()
    {
        Modules = ["loop", "dm-thin-pool"],
        Setup = "losetup /dev/loop0 /dev/ubda; losetup /dev/loop1 /dev/ubdb",
        Layout = """{"type":"thin","overprovisionPercent":200}""",
    };

    /// <summary>Disks that can be pulled out while the node runs; two in the sick group.</summary>
    internal static SickNodeParts Pluggable { get; } = new()
    {
        Disks = [],
        DiskKind = "sd",
        Modules = ["sd_mod"],
        Setup =
            """
            modprobe -d /run/modules scsi_debug dev_size_mb=33 per_host_store=1 add_host=3
            for try in {1..100}; do [ -b /dev/sda ] && [ -b /dev/sdb ] && [ -b /dev/sdc ] && break; sleep 0.1; done
            """,
        SickPaths = ["/dev/sda", "/dev/sdb"],
        WellPath = "/dev/sdc",
        Devices = [],
    };
}
