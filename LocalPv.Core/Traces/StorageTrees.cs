using System.Collections.Immutable;
using System.Diagnostics;
using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Traces;

/// <summary>How requests to LVM and their answers are written in a trace; the answers are read again.</summary>
internal static class StorageTrees
{
    internal static JsonMap Write(NodeStorageRequest request)
    {
        var tree = JsonMap.Of(("group", request.VolumeGroup?.Value));
        return request switch
        {
            NodeStorageRequest.Scan => tree.With("is", "scan"),
            NodeStorageRequest.CreateVolumeGroup create => tree
                .With("is", "create-group")
                .With("extentSize", create.ExtentSize.Size.Value)
                .With("disks", Write(create.Disks))
                .With("tags", VolumeGroupTree.Write(create.Tags)),
            NodeStorageRequest.ExtendVolumeGroup extend => tree
                .With("is", "extend-group").With("uuid", extend.Uuid).With("disks", Write(extend.Disks)),
            NodeStorageRequest.RemoveVolumeGroup remove => tree.With("is", "remove-group").With("uuid", remove.Uuid),
            NodeStorageRequest.CreateLogicalVolume create => tree
                .With("is", "create-volume")
                .With("name", create.Name.Value)
                .With("extents", create.Extents.Value)
                .With("layout", VolumeGroupTree.Write(create.Layout))
                .With("tags", VolumeGroupTree.Write(create.Tags))
                .With("uuid", create.GroupUuid),
            NodeStorageRequest.ExtendLogicalVolume extend => About(tree, "extend-volume", extend.Name, extend.Claim)
                .With("extents", extend.Extents.Value),
            NodeStorageRequest.RemoveLogicalVolume remove => About(tree, "remove-volume", remove.Name, remove.Claim)
                .With("wipe", remove.Wipe.ToString())
                .With("onlyUnused", remove.OnlyUnused)
                .With("uuid", remove.GroupUuid),
            NodeStorageRequest.TagLogicalVolume tag => About(tree, "tag-volume", tag.Name, tag.Claim).With("tag", tag.Tag.Value),
            NodeStorageRequest.ActivateLogicalVolume activate => About(tree, "activate-volume", activate.Name, activate.NewFor),
            _ => throw new UnreachableException(),
        };
    }

    internal static JsonMap Write(NodeStorageAnswer answer) => answer switch
    {
        NodeStorageAnswer.Scanned scanned => JsonMap.Of(
            ("disks", new JsonList([.. scanned.Scan.Disks.Select(DiskTree.Write)])),
            ("groups", new JsonList([.. scanned.Scan.VolumeGroups.Select(VolumeGroupTree.Write)]))),
        NodeStorageAnswer.Group group => JsonMap.Of(("group", VolumeGroupTree.Write(group.VolumeGroup))),
        NodeStorageAnswer.Volume volume => JsonMap.Of(("volume", VolumeGroupTree.Write(volume.LogicalVolume))),
        _ => JsonMap.Of(("removed", true)),
    };

    /// <summary>Reads an answer; throws <see cref="TraceException"/> where it cannot be.</summary>
    internal static NodeStorageAnswer Read(JsonMap tree)
    {
        try
        {
            return tree switch
            {
                _ when tree.List("disks") is { } disks && tree.List("groups") is { } groups => new NodeStorageAnswer.Scanned(
                    new NodeScan([.. disks.Maps().Select(DiskTree.Read)], [.. groups.Maps().Select(VolumeGroupTree.Read)])),
                _ when tree.Map("group") is { } group => new NodeStorageAnswer.Group(VolumeGroupTree.Read(group)),
                _ when tree.Map("volume") is { } volume => new NodeStorageAnswer.Volume(VolumeGroupTree.ReadVolume(volume)),
                _ when tree.Contains("removed") => new NodeStorageAnswer.Removed(),
                _ => throw new TraceException($"this is no answer of LVM: {tree}"),
            };
        }
        catch (Exception error) when (error is FormatException or ArgumentException)
        {
            throw new TraceException($"this answer of LVM cannot be read: {error.Message}");
        }
    }

    private static JsonList Write(ImmutableArray<DiskToUse> disks) => new([.. disks.Select(disk => (JsonTree)JsonMap.Of(
        ("path", disk.Path.Value), ("id", disk.Id.Value), ("size", disk.Size.Value), ("wipe", disk.WipeSignatures)))]);

    private static JsonMap About(JsonMap tree, string what, LogicalVolumeName name, ClaimUid? claim) =>
        tree.With("is", what).With("name", name.Value).With("claim", claim?.Value);
}
