using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;

namespace LocalPv.Sim.Checking.Safety;

/// <summary>
/// S06: a logical volume is not removed while its claim exists, or while its PersistentVolume is anything but Released, unless the claim is
/// bound to the PersistentVolume of another node, so that this one is a leftover. Judged when the request reaches LVM, whatever comes of
/// it. One that was written to is not removed either where no PersistentVolume is left to say that it may go: who has lost the objects has
/// not lost the data. Where its removal began while one said so, the rest may go without: a PersistentVolume that is being deleted never
/// comes back, and what is left of a volume wiped in part is no data. Source: cassandra-operator#402, casskop#316, kubernetes#142332.
/// </summary>
internal sealed class S06NoDataIsLost()
    : Rule("S06", "The data of a claim that lives is never removed."), IFollowsStorage, IFollowsVolumes
{
    private readonly HashSet<string> _begun = new(StringComparer.Ordinal);
    private string _written = "";

    public void Before(LvmCall call)
    {
        _written = "";
        if (call.Request is NodeStorageRequest.RemoveLogicalVolume remove
            && Targets.Of(Truth, call.Node, remove.Group.Value, remove.Name.Value) is { } target && target.Claim == remove.Claim.Value)
        {
            Judge(target, "is to be removed");
            if (Truth.PersistentVolumes.TryGetValue(target.Volume.Name.Value, out var volume)
                && volume is { Phase: "Released", ReclaimPolicy: "Delete", IsBeingDeleted: true })
            {
                _begun.Add(target.Volume.Uuid);
            }

            _written = Truth.Read(target).Any(text => text.EndsWith(target.Claim, StringComparison.Ordinal)) ? target.Volume.Uuid : "";
        }
    }

    public void After(LvmCall call, Outcome<NodeStorageAnswer>? outcome)
    {
    }

    public void OnVolume(VolumeChange change)
    {
        if (change is { Before: { } gone, After: null, By: not null })
        {
            Judge(gone, "was removed");
            if (gone.Volume.Uuid == _written && !_begun.Remove(_written) && !Truth.PersistentVolumes.ContainsKey(gone.Volume.Name.Value))
            {
                Broken($"{gone} was removed with what was written to it, and no PersistentVolume said so.");
            }
        }
    }

    private void Judge(VolumeTruth target, string what)
    {
        if (target.Claim.Length == 0 || IsLeftOver(target))
        {
            return;
        }

        if (Truth.Claim(target.Claim) is { } claim)
        {
            Broken($"{target} {what}, but its claim {claim.Key} exists.");
        }

        foreach (var volume in Truth.PersistentVolumesOf(target.Claim))
        {
            if (volume.Phase != "Released")
            {
                Broken($"{target} {what}, but {volume.Name} is {volume.Phase}.");
            }
        }
    }

    private bool IsLeftOver(VolumeTruth target) => Truth.Claim(target.Claim) is { VolumeName: { Length: > 0 } name }
        && Truth.PersistentVolumes.TryGetValue(name, out var volume) && volume.Phase == "Bound" && volume.ClaimUid == target.Claim
        && volume.HostName is { } host && host != Truth.HostNameOf(target.Node);
}
