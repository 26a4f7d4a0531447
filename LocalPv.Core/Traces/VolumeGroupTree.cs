using System.Collections.Immutable;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Traces;

/// <summary>A volume group in a trace.</summary>
internal static class VolumeGroupTree
{
    internal static JsonTree Write(VolumeGroup group) => JsonMap.Of(
        ("name", group.Name.Value),
        ("uuid", group.Uuid),
        ("extentSize", group.ExtentSize.Size.Value),
        ("extents", group.Extents.Value),
        ("free", group.FreeExtents.Value),
        ("tags", Write(group.Tags)),
        ("pool", group.ThinPool is { } pool ? JsonMap.Of(
            ("extents", pool.Extents.Value), ("promised", pool.Promised.Value), ("full", pool.FullPercent)) : null),
        ("disks", new JsonList([.. group.PhysicalVolumes.Select(disk => (JsonTree)JsonMap.Of(
            ("uuid", disk.Uuid),
            ("path", disk.Path?.Value),
            ("missing", disk.Missing),
            ("extents", disk.Extents.Value),
            ("free", disk.FreeExtents.Value)))])),
        ("volumes", new JsonList([.. group.LogicalVolumes.Select(Write)])));

    internal static JsonTree Write(LogicalVolume volume) => JsonMap.Of(
        ("name", volume.Name.Value),
        ("uuid", volume.Uuid),
        ("extents", volume.Extents.Value),
        ("size", volume.Size.Value),
        ("tags", Write(volume.Tags)),
        ("layout", Write(volume.Layout)),
        ("active", volume.Active),
        ("partial", volume.Partial));

    internal static JsonList Write(ImmutableArray<LvmTag> tags) => JsonList.OfTexts(tags.Select(tag => tag.Value));

    internal static JsonMap Write(Layout layout) => JsonMap.Of(
        ("type", layout.Type.ToString()),
        ("stripes", layout.Stripes),
        ("mirrors", layout.Mirrors),
        ("overprovision", layout.OverprovisionPercent));

    internal static VolumeGroup Read(JsonMap tree) => new(
        VolumeGroupName.Parse(tree.Text("name") ?? ""),
        tree.Text("uuid") ?? "",
        ExtentSize.From(new Bytes(Number(tree, "extentSize"))),
        Extents(tree, "extents"),
        Extents(tree, "free"),
        [.. List(tree, "disks").Select(disk => new PhysicalVolume(
            disk.Text("uuid") ?? "",
            disk.Text("path") is { } path ? DevicePath.Parse(path) : null,
            disk.Boolean("missing") ?? false,
            Extents(disk, "extents"),
            Extents(disk, "free")))],
        [.. List(tree, "volumes").Select(ReadVolume)])
    {
        Tags = Tags(tree),
        ThinPool = tree.Map("pool") is { } pool
            ? new ThinPool(Extents(pool, "extents"), Extents(pool, "promised")) { FullPercent = (int)Number(pool, "full") }
            : null,
    };

    internal static LogicalVolume ReadVolume(JsonMap tree) => new(
        LogicalVolumeName.Parse(tree.Text("name") ?? ""),
        tree.Text("uuid") ?? "",
        Extents(tree, "extents"),
        new Bytes(Number(tree, "size")),
        Tags(tree),
        ReadLayout(tree.Map("layout") ?? JsonMap.Empty),
        tree.Boolean("active") ?? false)
    {
        Partial = tree.Boolean("partial") ?? false,
    };

    private static Layout ReadLayout(JsonMap tree) => new(
        Enum.TryParse<LayoutType>(tree.Text("type"), out var type) && Enum.IsDefined(type)
            ? type
            : throw new FormatException($"'{tree.Text("type")}' is no layout."),
        (int)Number(tree, "stripes"),
        (int)Number(tree, "mirrors"),
        (int)Number(tree, "overprovision"));

    private static ImmutableArray<LvmTag> Tags(JsonMap tree) => [.. (tree.List("tags") ?? JsonList.Empty).Texts().Select(LvmTag.Parse)];

    private static IEnumerable<JsonMap> List(JsonMap tree, string key) => (tree.List(key) ?? JsonList.Empty).Maps();

    private static ExtentCount Extents(JsonMap tree, string key) => new(Number(tree, key));

    private static long Number(JsonMap tree, string key) =>
        tree.Number(key) ?? throw new FormatException($"there is no number '{key}' in {tree}.");
}
