using LocalPv.Core.Disks;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Core.Traces;

/// <summary>A disk in a trace. What a reader does not find is as an <see cref="ObservedDisk"/> has it by default.</summary>
internal static class DiskTree
{
    internal static JsonTree Write(ObservedDisk disk) => JsonMap.Of(
        ("path", disk.Path.Value),
        ("links", JsonList.OfTexts(disk.Links.Select(link => link.Value))),
        ("id", disk.Id?.Value),
        ("size", disk.Size.Value),
        ("loop", disk.Loop ? true : null),
        ("rotational", disk.Rotational),
        ("model", disk.Model),
        ("serial", disk.Serial),
        ("readOnly", disk.ReadOnly),
        ("partitioned", disk.Partitioned),
        ("signature", disk.Signature),
        ("mountPoint", disk.MountPoint),
        ("holder", disk.Holder),
        ("group", disk.VolumeGroup?.Value),
        ("readable", disk.Readable));

    internal static ObservedDisk Read(JsonMap tree) => new(
        DevicePath.Parse(tree.Text("path") ?? ""),
        [.. (tree.List("links") ?? JsonList.Empty).Texts().Select(DevicePath.Parse)],
        tree.Text("id") is { } id ? DiskId.Parse(id) : null,
        new Bytes(tree.Number("size") ?? 0))
    {
        Loop = tree.Boolean("loop") ?? false,
        Rotational = tree.Boolean("rotational") ?? false,
        Model = tree.Text("model") ?? "",
        Serial = tree.Text("serial") ?? "",
        ReadOnly = tree.Boolean("readOnly") ?? false,
        Partitioned = tree.Boolean("partitioned") ?? false,
        Signature = tree.Text("signature") ?? "",
        MountPoint = tree.Text("mountPoint") ?? "",
        Holder = tree.Text("holder") ?? "",
        VolumeGroup = tree.Text("group") is { } group ? VolumeGroupName.Parse(group) : null,
        Readable = tree.Boolean("readable") ?? true,
    };
}
