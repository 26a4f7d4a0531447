using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Sim.Checking.Safety;

/// <summary>
/// S25: nothing of an earlier object of the same name is bound to, removed for or counted for the new one: identities are uids. Requests
/// are judged when they reach LVM, whatever comes of them.
/// Source: zookeeper#312, cassandra-operator#407.
/// </summary>
internal sealed class S25NamesAreNotIdentities()
    : Rule("S25", "An object of the same name is another object."), IFollowsObjects, IFollowsVolumes, IFollowsStorage
{
    public void OnCommit(Commit commit)
    {
        if (commit.Change.Object is PersistentVolumeClaim { Phase: "Bound" } claim && commit.Change.Type != ChangeType.Deleted
            && (commit.Change.Previous as PersistentVolumeClaim)?.Phase != "Bound"
            && Truth.PersistentVolumes.TryGetValue(claim.VolumeName, out var volume)
            && volume.ClaimUid.Length > 0 && volume.ClaimUid != claim.Uid)
        {
            Broken($"{claim.Key} ({claim.Uid}) is bound to {volume.Name}, which is for claim {volume.ClaimUid}.");
        }
    }

    public void Before(LvmCall call)
    {
        var claim = call.Request switch
        {
            NodeStorageRequest.RemoveLogicalVolume remove => remove.Claim.Value,
            NodeStorageRequest.ExtendLogicalVolume extend => extend.Claim.Value,
            NodeStorageRequest.TagLogicalVolume tag => tag.Claim.Value,
            _ => null,
        };
        if (claim is not null && Targets.Of(Truth, call) is { Claim.Length: > 0 } target && target.Claim != claim)
        {
            Broken($"{call.Process} asks for a {call.Request.GetType().Name} of {target} for claim {claim}.");
        }
    }

    public void After(LvmCall call, Outcome<NodeStorageAnswer>? outcome)
    {
    }

    public void OnVolume(VolumeChange change)
    {
        if (change is { Before: { } gone, After: null, By.Request: NodeStorageRequest.RemoveLogicalVolume remove }
            && gone.Claim != remove.Claim.Value)
        {
            Broken($"{gone} of claim {gone.Claim} was removed for claim {remove.Claim}.");
        }
    }
}
