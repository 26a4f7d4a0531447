using LocalPv.Core.Kubernetes;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Sim.Checking.Safety;

/// <summary>
/// S05: a logical volume holds at least what its PersistentVolume says, which is at least what the claim asked for when it was made; it is
/// a whole number of extents and never shrinks. Source: lvm-localpv#316.
/// </summary>
internal sealed class S05SizesHold()
    : Rule("S05", "Logical volume >= PersistentVolume >= claim, and nothing shrinks."), IFollowsVolumes, IFollowsObjects
{
    public void OnVolume(VolumeChange change)
    {
        if (change is not { After: { } after, By: not null })
        {
            return;
        }

        if (change.Before is { } before && after.Volume.Extents < before.Volume.Extents)
        {
            Broken($"{after} has shrunk from {before.Volume.Extents} to {after.Volume.Extents}.");
        }

        if (after.Volume.Size.Value != after.Volume.Extents.Value * after.Group.ExtentSize.Size.Value)
        {
            Broken($"{after} has {after.Volume.Size}, which is no whole number of extents.");
        }

        if (change.Before is null && Truth.Claim(after.Claim) is { } claim && Demand.SizeOf(claim) > after.Volume.Size.Value)
        {
            Broken($"{after} has {after.Volume.Size}, but {claim.Key} asks for {claim.RequestedStorage}.");
        }
    }

    public void OnCommit(Commit commit)
    {
        if (!commit.IsOurs || commit.Change.Object is not PersistentVolume volume || commit.Change.Type == ChangeType.Deleted
            || (commit.Change.Previous as PersistentVolume)?.Capacity == volume.Capacity
            || !Quantity.TryParse(volume.Capacity, out var capacity, out _))
        {
            return;
        }

        if (Truth.LogicalVolumesOf(volume.ClaimUid) is [var logical] && capacity > logical.Volume.Size)
        {
            Broken($"{volume.Name} says {volume.Capacity}, but {logical} has {logical.Volume.Size}.");
        }

        if (commit.Change.Type == ChangeType.Added && Truth.Claim(volume.ClaimUid) is { } claim && Demand.SizeOf(claim) > capacity.Value)
        {
            Broken($"{volume.Name} has {volume.Capacity}, but {claim.Key} asks for {claim.RequestedStorage}.");
        }
    }
}
