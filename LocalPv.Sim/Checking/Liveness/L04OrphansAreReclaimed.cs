using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;

namespace LocalPv.Sim.Checking.Liveness;

/// <summary>
/// L04: a logical volume of ours that no claim, no PersistentVolume and no mark keeps is reclaimed after its grace, and not before: as long
/// as a request that wants it may be under way. What lies in a group that no NodeLocalStorage of the node is about is none, nor is what
/// was made as a raw device or begins with data: that waits for a person. One that LVM has refused to remove is not asked for again for a
/// while. Source: external-provisioner#486, topolvm#1104.
/// </summary>
internal sealed class L04OrphansAreReclaimed()
    : LivenessRule("L04", "Orphans are reclaimed, not too early and not never.", TimeSpan.FromMinutes(12)),
        IFollowsVolumes, IFollowsStorage
{
    // As production leaves alone what it was told it must not remove; and what belongs to that.
    private static readonly TimeSpan LeftAlone = TimeSpan.FromMinutes(65);
    private readonly Dictionary<string, Instant> _refusedAt = new(StringComparer.Ordinal);
    private static readonly TimeSpan GraceMin = TimeSpan.FromSeconds(20);
    private readonly Dictionary<string, Instant> _madeAt = new(StringComparer.Ordinal);

    public void OnVolume(VolumeChange change)
    {
        if (change.Before is null && change.After is { } made)
        {
            _madeAt[made.Volume.Uuid] = Truth.Now;
        }
        else if (change is { Before: { } gone, After: null, By: not null } && Truth.PersistentVolumesOf(gone.Claim).Count == 0
            && _madeAt.TryGetValue(gone.Volume.Uuid, out var at) && Truth.Now - at < GraceMin)
        {
            Broken($"{gone} was taken for an orphan {(Truth.Now - at).TotalSeconds:0.#} s after it was made.");
        }
    }

    public void Before(LvmCall call)
    {
    }

    public void After(LvmCall call, Outcome<NodeStorageAnswer>? outcome)
    {
        if (call.Request is NodeStorageRequest.RemoveLogicalVolume { OnlyUnused: true } remove && outcome is { Kind: OutcomeKind.Rejected })
        {
            _refusedAt[remove.Claim.Value] = Truth.Now;
        }
    }

    /// <inheritdoc/>
    public override string? Pending()
    {
        foreach (var node in Truth.Nodes.Values.Where(node => Truth.IsServed(node.Name)))
        {
            foreach (var volume in node.Volumes.Values)
            {
                if (volume is { IsOurs: true, Claim.Length: > 0 } && IsServed(volume) && Truth.Claim(volume.Claim) is null
                    && Truth.PersistentVolumesOf(volume.Claim).Count == 0 && !Truth.PersistentVolumes.ContainsKey("pvc-" + volume.Claim)
                    && volume.Group.IsComplete
                    && !(_refusedAt.TryGetValue(volume.Claim, out var at) && Truth.Now - at < LeftAlone)
                    && volume.Volume.Tags.Any(tag => tag.Value == WellKnown.FileSystemTag)
                    && !volume.Volume.Tags.Any(tag => tag.Value == WellKnown.RetainTag)
                    && Truth.ReadStart(volume).Count == 0
                    && node.Group(volume.Group.Name.Value) is { } group && group.PhysicalVolumes.All(disk => !disk.Missing))
                {
                    return $"{volume} belongs to claim {volume.Claim}, which is gone, and nobody removes it.";
                }
            }
        }

        return null;
    }

    // Another group of the same name may be what was reported.
    private bool IsServed(VolumeTruth volume) => Truth.StoragesOf(volume.Node, volume.Group).Any(storage =>
        storage.Report.VolumeGroup is not { } reported || reported.Uuid == volume.Group.Uuid);
}
