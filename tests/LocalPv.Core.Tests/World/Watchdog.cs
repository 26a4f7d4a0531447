using LocalPv.Core.Kubernetes;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Core.Tests.World;

/// <summary>
/// Looks at every commit of the API server, against LVM as it truly is at that moment: rules that the end state cannot show.
/// </summary>
internal static class Watchdog
{
    /// <summary>Throws where a commit breaks a rule.</summary>
    internal static void Look(TestLvm lvm, Change change)
    {
        if (change.Object is PersistentVolume volume)
        {
            LookAt(lvm, change, volume);
        }
        else if (change is { Object: PersistentVolumeClaim claim, Previous: PersistentVolumeClaim before, Type: not ChangeType.Deleted }
            && before.SelectedNode is not null && claim.SelectedNode is null)
        {
            Assert.False(
                lvm.Volumes.Any(each => each.Volume.Claim?.Value == claim.Uid),
                $"The selected node of {claim.Name} was cleared while its logical volume exists.");
            Assert.True(claim.VolumeName.Length == 0, $"The selected node of {claim.Name} was cleared though it is bound.");
        }
    }

    private static void LookAt(TestLvm lvm, Change change, PersistentVolume volume)
    {
        var there = lvm.Volumes.Where(each => volume.LocalPath == $"/dev/{each.Group.Name}/{each.Volume.Name}").ToArray();
        if (change.Type == ChangeType.Added)
        {
            var (_, made) = Assert.Single(there);
            Assert.True(
                made.Active && made.Claim?.Value == volume.ClaimUid, $"{volume.Name} was made before its logical volume was ready.");
            return;
        }

        var had = change.Previous!.HasFinalizer(WellKnown.LogicalVolumeFinalizer);
        var has = change.Type != ChangeType.Deleted && volume.HasFinalizer(WellKnown.LogicalVolumeFinalizer);
        var retained = there.Any(each => each.Volume.Tags.Any(tag => tag.Value == WellKnown.RetainTag));
        Assert.True(
            !had || has || there.Length == 0 || retained,
            $"{volume.Name} was let go while its logical volume is there and not marked as retained.");
    }
}
