using LocalPv.Core.Disks;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Sim.Checking.Liveness;

/// <summary>
/// L15: on each node to which a class applies there is a NodeLocalStorage, and where its group is whole, or disks are free for one, it is
/// ready. Not where a person has to act first: the group is another's or not the one that was, or the disks are.
/// </summary>
internal sealed class L15ClassesAreServed()
    : LivenessRule("L15", "A class that applies to a node is served there.", TimeSpan.FromMinutes(10))
{
    /// <inheritdoc/>
    public override string? Pending()
    {
        foreach (var storageClass in Truth.Server.Snapshot(ResourceTypes.StorageClasses).Cast<StorageClass>())
        {
            if (storageClass.Provisioner != WellKnown.DefaultProvisioner || storageClass.IsBeingDeleted
                || !StorageParameters.TryRead(storageClass, out var parameters, out _))
            {
                continue;
            }

            foreach (var name in Truth.Nodes.Keys)
            {
                if (Truth.Node(name) is { IsBeingDeleted: false } node && Truth.IsServed(name) && !Truth.Refuses(name)
                    && parameters.AppliesTo(node) && WhyNot(storageClass.Name, name) is { } why)
                {
                    return $"class {storageClass.Name} is not served on {name}: {why}";
                }
            }
        }

        return null;
    }

    private string? WhyNot(string storageClass, string node)
    {
        if (Truth.StorageOf(storageClass, node) is not { } storage)
        {
            return "there is no NodeLocalStorage.";
        }

        return storage.IsBeingDeleted || storage.Phase is "Ready" or "Degraded" || !storage.Wish.TryGetValue(out var spec) ? null
            : Truth.Nodes[node].Group(spec.VolumeGroup.Name.Value) is { } group
                ? IsItsOwn(storage, spec, group, node) ? $"its group is whole, and it is {storage.Phase}." : null
            : storage.Report.VolumeGroup is null && Truth.Disks(node).FirstOrDefault(disk => IsFree(disk, spec)) is { } free
                ? $"{free.Path} is free, and it is {storage.Phase}."
            : null;
    }

    private bool IsItsOwn(NodeLocalStorage storage, NodeLocalStorageSpec spec, VolumeGroup group, string node) => group.IsComplete
        && group.Tags.Any(tag => tag.Value == WellKnown.OurTag) && VolumeTruth.OtherNodeOf(group, node) is null
        && (storage.Report.VolumeGroup is { } reported ? reported.Uuid == group.Uuid : IsKnownBy(spec, group, node));

    // What lies elsewhere, and of which no PersistentVolume knows, may be anybody's.
    private bool IsKnownBy(NodeLocalStorageSpec spec, VolumeGroup group, string node) =>
        Truth.Disks(node).Any(disk => disk.VolumeGroup == group.Name && spec.Disks.Means(disk))
        || group.LogicalVolumes.Any(volume => volume.Claim is { } uid && Truth.PersistentVolumesOf(uid.Value).Count > 0);

    // Named by this class alone, and with nothing on it; what lies on one that cannot be read nobody knows.
    private bool IsFree(ObservedDisk disk, NodeLocalStorageSpec spec) =>
        disk is { Readable: true, VolumeGroup: null, Signature: "", Partitioned: false, MountPoint: "", Holder: "", ReadOnly: false }
        && spec.Disks.Paths.Any(disk.IsAt)
        && Truth.Storages.Values.Count(other => other.NodeName == spec.Node.Value
            && other.Wish.TryGetValue(out var wish) && wish.Disks.Paths.Any(disk.IsAt)) == 1;
}
