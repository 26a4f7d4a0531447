using LocalPv.Core.Kubernetes;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Sim.Checking.Safety;

/// <summary>
/// S03: at most one logical volume in the whole cluster carries the tag of a claim, and at most one PersistentVolume of ours names it. A
/// node that is gone or declared lost does not count: nobody can ask it; nor does a logical volume that never got a PersistentVolume, on
/// disks that its node no longer sees: S12 says who may give its claim back. Who takes a claim's node off it by hand sends it elsewhere
/// while its volume is being made; one of the two then goes as an orphan. Source: topolvm#127.
/// </summary>
internal sealed class S03OneVolumePerClaim()
    : Rule("S03", "A claim has one logical volume and one PersistentVolume at most."), IFollowsVolumes, IFollowsObjects
{
    private readonly HashSet<string> _sentAwayByHand = new(StringComparer.Ordinal);

    public void OnVolume(VolumeChange change)
    {
        if (change is not { Before: null, After: { Claim.Length: > 0 } made, By: not null } || _sentAwayByHand.Contains(made.Claim))
        {
            return;
        }

        foreach (var other in Truth.LogicalVolumesOf(made.Claim))
        {
            if (other.Volume.Uuid != made.Volume.Uuid && !Truth.IsLost(other.Node)
                && (Truth.IsSeen(other) || Truth.PersistentVolumesOf(made.Claim).Count > 0))
            {
                Broken($"claim {made.Claim} has a logical volume {other} and another {made}.");
            }
        }
    }

    public void OnCommit(Commit commit)
    {
        if (commit is { Actor: "", Change: { Type: ChangeType.Modified, Object: PersistentVolumeClaim { SelectedNode: null } claim } }
            && commit.Change.Previous is PersistentVolumeClaim { SelectedNode: not null })
        {
            _sentAwayByHand.Add(claim.Uid);
        }

        if (commit is { Change: { Type: ChangeType.Added, Object: PersistentVolume made }, IsOurs: true }
            && Truth.PersistentVolumesOf(made.ClaimUid).FirstOrDefault(other => other.Name != made.Name) is { } other)
        {
            Broken($"claim {made.ClaimUid} has the PersistentVolumes {other.Name} and {made.Name}.");
        }
    }
}
