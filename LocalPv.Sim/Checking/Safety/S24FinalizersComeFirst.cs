using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Sim.Checking.Safety;

/// <summary>
/// S24: our finalizer is there before the first effect that it stands for, goes after that effect is undone (or when the class was made
/// again, whose own object takes the group over), and is never put on an object that is being deleted.
/// </summary>
internal sealed class S24FinalizersComeFirst()
    : Rule("S24", "The finalizer is there from before the effect until after its end."), IFollowsObjects, IFollowsStorage
{
    private readonly Dictionary<string, string> _classes = new(StringComparer.Ordinal);

    public void OnCommit(Commit commit)
    {
        if (commit.Change.Object is StorageClass made)
        {
            _classes[made.Name] = made.Uid;
        }

        if (!commit.IsOurs)
        {
            return;
        }

        switch (commit.Change.Object)
        {
            case PersistentVolume volume when commit.Change.Type == ChangeType.Added
                && !volume.HasFinalizer(WellKnown.LogicalVolumeFinalizer):
                Broken($"{volume.Name} was made without the finalizer {WellKnown.LogicalVolumeFinalizer}.");
                break;
            case NodeLocalStorage storage when commit.Change.Previous?.HasFinalizer(WellKnown.VolumeGroupFinalizer) == true
                && (commit.Change.Type == ChangeType.Deleted || !storage.HasFinalizer(WellKnown.VolumeGroupFinalizer)):
                GroupIsGone(commit.Actor, storage);
                break;
            default:
                break;
        }

        if (commit.Change is { Type: ChangeType.Modified, Previous: { IsBeingDeleted: true } before, Object: var after }
            && after.Finalizers.Any(finalizer =>
                finalizer.StartsWith("localpv.io/", StringComparison.Ordinal) && !before.HasFinalizer(finalizer)))
        {
            Broken($"{commit.Actor} has put a finalizer on {after}, which is being deleted.");
        }
    }

    public void Before(LvmCall call)
    {
        if (call.Request is NodeStorageRequest.CreateVolumeGroup create && !Truth.Storages.Values.Any(storage =>
            storage.NodeName == call.Node && Demand.GroupOf(storage) == create.Name.Value
            && storage.HasFinalizer(WellKnown.VolumeGroupFinalizer))
            && !Truth.StorageEndedSince(call.Node, TimeSpan.FromMinutes(1)))
        {
            Broken($"{call.Process} makes the group {create.Name}, and no NodeLocalStorage holds a finalizer for it.");
        }
    }

    public void After(LvmCall call, Outcome<NodeStorageAnswer>? outcome)
    {
    }

    private void GroupIsGone(string actor, NodeLocalStorage storage)
    {
        var name = Demand.GroupOf(storage);
        if (name is null || Truth.IsLost(storage.NodeName) || !Truth.Nodes.TryGetValue(storage.NodeName, out var node)
            || HasSuccessor(storage) || Truth.Storages.Values.Any(other =>
                other.Uid != storage.Uid && other.NodeName == storage.NodeName && Demand.GroupOf(other) == name))
        {
            return;
        }

        // One that another node has made stays as it is.
        if (node.Group(name) is { } left && left.Tags.Any(tag => tag.Value == WellKnown.OurTag)
            && VolumeTruth.OtherNodeOf(left, storage.NodeName) is null
            && left.PhysicalVolumes.Any(disk => !disk.Missing))
        {
            Broken($"{actor} has let go of {storage.Name}, but its volume group {name} is still on {storage.NodeName}.");
        }
    }

    private bool HasSuccessor(NodeLocalStorage storage) =>
        storage.Metadata.List("ownerReferences")?.Maps().FirstOrDefault()?.Text("uid") is { } owner
        && _classes.TryGetValue(storage.StorageClassName, out var now) && now != owner;
}
