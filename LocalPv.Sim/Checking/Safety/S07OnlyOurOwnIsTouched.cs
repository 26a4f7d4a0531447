using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Sim.Checking.Safety;

/// <summary>
/// S07: what is not ours, by its tag, is neither removed nor changed, volumes as well as groups; a volume goes only by a request that
/// names its claim, and an orphan only from a group that a NodeLocalStorage of its node is about. In a group that another node has made
/// nothing happens at all. Source: lvm-localpv, open-local; the canaries of others.
/// </summary>
internal sealed class S07OnlyOurOwnIsTouched()
    : Rule("S07", "Nothing is touched that is not ours."), IFollowsVolumes, IFollowsStorage
{
    private static readonly TimeSpan OnItsWayMost = TimeSpan.FromMinutes(10);

    private VolumeGroup? _toRemove;

    public void OnVolume(VolumeChange change)
    {
        if (change.By is not { } by)
        {
            return;
        }

        if (VolumeTruth.OtherNodeOf(change.Volume.Group, change.Volume.Node) is { } other)
        {
            Broken($"{by.Process} has made, changed or removed {change.Volume}, in a group that {other} has made.");
        }

        if (change.Before is not { } before)
        {
            return;
        }

        if (!before.IsOurs)
        {
            Broken($"{by.Process} has {(change.After is null ? "removed" : "changed")} {before}, which is not ours.");
        }
        else if (change.After is null && IsFromElsewhere(before))
        {
            Broken($"{by.Process} has removed {before}, in a group that no NodeLocalStorage of the node is about.");
        }
        else if (change.After is null && by.Request is not NodeStorageRequest.RemoveLogicalVolume)
        {
            Broken($"{by.Process} has removed {before} by a {by.Request.GetType().Name}.");
        }
    }

    // What a PersistentVolume names is ours wherever it lies. A removal may be under way when a NodeLocalStorage goes.
    private bool IsFromElsewhere(VolumeTruth gone) => Truth.PersistentVolumesOf(gone.Claim).Count == 0
        && !Truth.StoragesOf(gone.Node, gone.Group).Any() && !Truth.StorageEndedSince(gone.Node, OnItsWayMost);

    public void Before(LvmCall call)
    {
        _toRemove = call.Request is NodeStorageRequest.RemoveVolumeGroup remove ? Truth.Nodes[call.Node].Group(remove.Name.Value) : null;

        // Judged as it is asked for: LVM's backend would refuse it too.
        if (Targets.Of(Truth, call) is { IsOurs: false } theirs)
        {
            Broken($"{call.Process} asks for a {call.Request.GetType().Name} of {theirs}, which is not ours.");
        }

        if (_toRemove is { } there && !there.Tags.Any(tag => tag.Value == WellKnown.OurTag))
        {
            Broken($"{call.Process} asks for the removal of the volume group {there.Name}, which is not ours.");
        }
    }

    public void After(LvmCall call, Outcome<NodeStorageAnswer>? outcome)
    {
        if (_toRemove is not { } group || Truth.Nodes[call.Node].Groups.Any(left => left.Uuid == group.Uuid))
        {
            return;
        }

        if (!group.Tags.Any(tag => tag.Value == WellKnown.OurTag) || !group.LogicalVolumes.IsEmpty)
        {
            Broken($"{call.Process} has removed the volume group {group.Name}, which is not ours or was not empty.");
        }
    }
}
