using System.Collections.Immutable;
using System.Text.Json;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Lvm.Devices;

/// <summary>A block device and those that lie on it, as <c>lsblk</c> lists them.</summary>
internal sealed record BlockDevice(string Name, DevicePath Path, Bytes Size, string Type, ImmutableArray<BlockDevice> Children)
{
    /// <summary>The arguments that make the list which <see cref="ReadAll"/> reads.</summary>
    internal static ImmutableArray<string> Arguments { get; } =
        ["--json", "--bytes", "--tree", "--output", "NAME,KNAME,PATH,SIZE,RO,ROTA,TYPE,PTTYPE,MOUNTPOINTS,SERIAL,WWN,MODEL"];

    internal bool ReadOnly { get; init; }

    internal bool Rotational { get; init; }

    internal bool HasPartitionTable { get; init; }

    internal ImmutableArray<string> MountPoints { get; init; } = [];

    internal string Serial { get; init; } = "";

    internal string Wwn { get; init; } = "";

    internal string Model { get; init; } = "";

    internal bool IsPartition => Type == "part";

    /// <summary>Where it, or anything that lies on it, is mounted or used as swap; empty where nothing is.</summary>
    internal string FirstMountPoint =>
        MountPoints.Concat(Children.Select(child => child.FirstMountPoint)).FirstOrDefault(at => at.Length > 0) ?? "";

    /// <summary>What lies on it and is no partition; empty where nothing does.</summary>
    internal string FirstHolder =>
        Children.Where(child => !child.IsPartition).Select(child => child.Name)
            .Concat(Children.Where(child => child.IsPartition).Select(child => child.FirstHolder))
            .FirstOrDefault(name => name.Length > 0) ?? "";

    /// <summary>Reads a list; throws <see cref="JsonException"/> where it is none.</summary>
    internal static ImmutableArray<BlockDevice> ReadAll(string json) =>
        Read((JsonTree.Parse(json) as JsonMap)?.List("blockdevices") ?? throw new JsonException("The list has no 'blockdevices'."));

    private static ImmutableArray<BlockDevice> Read(JsonList list) => [.. list.Maps().Select(Read).OfType<BlockDevice>()];

    private static BlockDevice? Read(JsonMap map) => DevicePath.TryParse(map.Text("path"), out var path)
        ? new BlockDevice(
            KernelName(map.Text("kname") ?? ""),
            path,
            new Bytes(Math.Max(0, map.Number("size") ?? 0)),
            map.Text("type") ?? "",
            Read(map.List("children") ?? JsonList.Empty))
        {
            ReadOnly = map.Boolean("ro") ?? false,
            Rotational = map.Boolean("rota") ?? false,
            HasPartitionTable = map.Text("pttype") is not null,
            MountPoints = [.. map.List("mountpoints")?.Texts() ?? []],
            Serial = (map.Text("serial") ?? "").Trim(),
            Wwn = (map.Text("wwn") ?? "").Trim(),
            Model = (map.Text("model") ?? "").Trim(),
        }
        : null;

    // It becomes a part of paths below /sys. The kernel writes '!' where a driver's name has '/'.
    private static string KernelName(string text) => text is "." or ".." || text.AsSpan().ContainsAny('/', '\0')
        ? throw new JsonException($"'{text.Replace('\0', '?')}' cannot be a kernel's name of a device: the list is garbled.")
        : text;
}
