using LocalPv.Core.Kubernetes;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Sim.Checking.Safety;

/// <summary>
/// S04: a PersistentVolume's node affinity names exactly the node whose LVM holds its logical volume, and its path leads to that volume.
/// </summary>
internal sealed class S04VolumesNameTheirNode()
    : Rule("S04", "A PersistentVolume names the node and the device of its logical volume."), IFollowsObjects
{
    public void OnCommit(Commit commit)
    {
        if (commit is not { Change: { Type: ChangeType.Added, Object: PersistentVolume volume }, IsOurs: true })
        {
            return;
        }

        var found = Truth.LogicalVolumesOf(volume.ClaimUid);
        if (found.Count > 0 && !found.Any(logical => Truth.HostNameOf(logical.Node) == volume.HostName && logical.Path == volume.LocalPath))
        {
            Broken($"{volume.Name} says {volume.LocalPath} on {volume.HostName}, but its logical volume is {found[0]}.");
        }
    }
}
