using LocalPv.Core.Kubernetes;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Sim.Checking.Safety;

/// <summary>
/// S13: when a PersistentVolume of ours is made, its logical volume is there: with our tag and the claim's, and with nothing at its
/// beginning that a kubelet would take for a file system. One that somebody removed by hand in the meantime is not our doing.
/// </summary>
internal sealed class S13VolumesAreBacked()
    : Rule("S13", "A PersistentVolume is made only of a logical volume that exists."), IFollowsObjects
{
    public void OnCommit(Commit commit)
    {
        if (commit is not { Change: { Type: ChangeType.Added, Object: PersistentVolume volume }, IsOurs: true }
            || Truth.RemovedByHandAt(volume.ClaimUid) is not null)
        {
            return;
        }

        var found = Truth.LogicalVolumesOf(volume.ClaimUid);
        if (found.Count == 0)
        {
            Broken($"{volume.Name} was made, but no node has a logical volume of claim {volume.ClaimUid}.");
        }
        else if (!found.Any(logical => logical.IsOurs))
        {
            Broken($"{volume.Name} was made of {found[0]}, which lacks our tag.");
        }
        else if (found.SelectMany(Truth.ReadStart).FirstOrDefault(
            text => !text.EndsWith(volume.ClaimUid, StringComparison.Ordinal)) is { } old)
        {
            Broken($"{volume.Name} was made of {found[0]}, which begins with '{old}': a Pod would get that instead of a new file system.");
        }
    }
}
