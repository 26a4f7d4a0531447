using LocalPv.Core.Ports;

namespace LocalPv.Hosting.Workers;

/// <summary>Requests to a node's storage as a person reads them.</summary>
internal static class StorageRequestText
{
    /// <summary>One line: what is asked, of which group and volume.</summary>
    public static string Of(NodeStorageRequest request) => request switch
    {
        NodeStorageRequest.Scan => "scan",
        NodeStorageRequest.CreateVolumeGroup create => $"vgcreate {create.Name} {string.Join(' ', create.Disks.Select(disk => disk.Path))}",
        NodeStorageRequest.ExtendVolumeGroup extend => $"vgextend {extend.Name} {string.Join(' ', extend.Disks.Select(disk => disk.Path))}",
        NodeStorageRequest.RemoveVolumeGroup remove => $"vgremove {remove.Name}",
        NodeStorageRequest.CreateLogicalVolume create => $"lvcreate {create.Group}/{create.Name} of {create.Extents}",
        NodeStorageRequest.ExtendLogicalVolume extend => $"lvextend {extend.Group}/{extend.Name} to {extend.Extents}",
        NodeStorageRequest.RemoveLogicalVolume remove => $"lvremove {remove.Group}/{remove.Name}",
        NodeStorageRequest.ActivateLogicalVolume activate => $"lvchange -ay {activate.Group}/{activate.Name}",
        _ => request.GetType().Name,
    };
}
