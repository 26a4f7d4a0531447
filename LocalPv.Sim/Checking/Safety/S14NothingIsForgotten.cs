using LocalPv.Core.Kubernetes;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Sim.Checking.Safety;

/// <summary>
/// S14: our finalizer leaves a PersistentVolume with the policy Delete only after its logical volume is gone, or the node or disk was
/// declared lost. While the claim lives, its logical volume is not the PersistentVolume's to remove. Source: lvm-localpv#441, topolvm#699.
/// </summary>
internal sealed class S14NothingIsForgotten()
    : Rule("S14", "A PersistentVolume goes only after its logical volume."), IFollowsObjects
{
    private static readonly TimeSpan TrustedFor = TimeSpan.FromSeconds(30);

    public void OnCommit(Commit commit)
    {
        if (!commit.IsOurs || commit.Change.Previous is not PersistentVolume before
            || !before.HasFinalizer(WellKnown.LogicalVolumeFinalizer)
            || (commit.Change.Type != ChangeType.Deleted && commit.Change.Object.HasFinalizer(WellKnown.LogicalVolumeFinalizer))
            || before.ReclaimPolicy != "Delete" || before.IsDeclaredLost
            || Truth.Claim(before.ClaimUid) is not null
            || (Truth.GoneSince(before.ClaimUid) is { } gone && Truth.Now - gone < TrustedFor && before.Phase != "Released"))
        {
            return;
        }

        if (Truth.LogicalVolumesOf(before.ClaimUid).FirstOrDefault(logical => !Truth.IsLost(logical.Node)) is { } left)
        {
            Broken($"{commit.Actor} has let go of {before.Name}, but {left} is still there.");
        }
    }
}
