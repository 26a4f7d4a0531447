using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;

namespace LocalPv.Sim.Checking.Safety;

/// <summary>
/// S15: a logical volume whose PersistentVolume has the policy Retain is never removed, also where the policy was changed to Retain while
/// it was Released already. What was deleted under the policy Delete is past: the deletion is the decision. Who says Delete of what is
/// marked as retained, be it after he has deleted the PersistentVolume, takes the mark back. A PersistentVolume of another node speaks of
/// that node's volume, and not of one that was left over on a disk which was away.
/// </summary>
internal sealed class S15RetainedDataStays()
    : Rule("S15", "What is to be retained is never removed."), IFollowsObjects, IFollowsStorage
{
    private readonly Dictionary<string, string> _policyAtDeletion = new(StringComparer.Ordinal);

    public void OnCommit(Commit commit)
    {
        if (commit.Change.Object is PersistentVolume { IsBeingDeleted: true } volume && commit.Change.Previous is { IsBeingDeleted: false })
        {
            _policyAtDeletion[volume.Uid] = volume.ReclaimPolicy;
        }
    }

    public void Before(LvmCall call)
    {
        if (call.Request is not NodeStorageRequest.RemoveLogicalVolume remove
            || Targets.Of(Truth, call.Node, remove.Group.Value, remove.Name.Value) is not { Claim.Length: > 0 } target)
        {
            return;
        }

        if (target.Volume.Tags.Any(tag => tag.Value == WellKnown.RetainTag)
            && !Truth.PersistentVolumesOf(target.Claim).Any(volume =>
                volume.ReclaimPolicy == "Delete" || _policyAtDeletion.GetValueOrDefault(volume.Uid) == "Delete"))
        {
            Broken($"{target} is to be removed, but it is marked as retained.");
        }

        foreach (var volume in Truth.PersistentVolumesOf(target.Claim))
        {
            if (volume.HostName == Truth.HostNameOf(target.Node)
                && volume.ReclaimPolicy == "Retain" && _policyAtDeletion.GetValueOrDefault(volume.Uid, "Retain") == "Retain")
            {
                Broken($"{target} is to be removed, but {volume.Name} is to be retained.");
            }
        }
    }

    public void After(LvmCall call, Outcome<NodeStorageAnswer>? outcome)
    {
    }
}
