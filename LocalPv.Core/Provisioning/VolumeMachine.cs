using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Provisioning;

/// <summary>
/// Decides the next step for one claim's volume on one node. A pure function of what is known: it can be asked at any time, after any
/// crash, and gives the step that leads on from there. LVM's metadata is its write-ahead log: a logical volume is made together with the
/// tags that name its claim, so that work once begun is recognised and finished, and never begun a second time under another name.
/// </summary>
public static partial class VolumeMachine
{
    private const string NamePrefix = "pvc-";
    private static readonly TimeSpan SlowRetry = TimeSpan.FromMinutes(1);

    /// <summary>The name of the logical volume and of the PersistentVolume of a claim.</summary>
    public static string NameOf(ClaimUid uid) => NamePrefix + uid.Value;

    /// <summary>Whether a name is that of the volume that is made for the claim of that uid.</summary>
    public static bool IsNameOf(string name, string claimUid) =>
        name.Length == NamePrefix.Length + claimUid.Length
        && name.StartsWith(NamePrefix, StringComparison.Ordinal) && name.EndsWith(claimUid, StringComparison.Ordinal);

    /// <summary>The uid of the claim for which a volume of that name was made; null for another name.</summary>
    public static ClaimUid? UidOf(string name) =>
        name.StartsWith(NamePrefix, StringComparison.Ordinal) && ClaimUid.TryParse(name[NamePrefix.Length..], out var uid) ? uid : null;

    /// <summary>The next step. At most one effect; an observation before every write that must not rest on an old copy.</summary>
    public static VolumeStep Next(VolumeSituation situation)
    {
        if (situation.Now < situation.Memory.NotBefore)
        {
            return new VolumeStep.Wait(situation.Memory.NotBefore);
        }

        if (situation.HostName.Length == 0 || situation.ScanNumber == 0)
        {
            return VolumeStep.Idle.Instance;
        }

        // The look that follows a write in doubt may have failed: nothing is asked for again before one has been answered.
        return situation.Memory.VolumeInDoubt ? new VolumeStep.ReadVolume()
            : situation.Memory.ClaimInDoubt is { } written ? new VolumeStep.ReadClaim(written)
            : situation.Volume is { } volume ? OfVolume(situation, volume)
            : situation.IsWanted ? Provision(situation, situation.Claim!)
            : situation.Found is { } found ? OfUnowned(situation, found, situation.FoundIn!)
            : VolumeStep.Idle.Instance;
    }

    /// <summary>
    /// Whether a PersistentVolume was made by us for this claim on this node. Whose it is now is another matter: a person gives a retained
    /// one to another claim.
    /// </summary>
    public static bool IsOurs(PersistentVolume volume, ClaimUid uid, string provisioner, string hostName) =>
        volume.Name == NameOf(uid) && volume.ProvisionedBy == provisioner && volume.HostName == hostName;

    private static VolumeStep.Blocked Blocked(VolumeSituation situation, string reason, string message) =>
        new(reason, message, situation.Now + SlowRetry);

    // The group must be free before anything is sent to it, and observed after a request to it whose end is not known.
    private static VolumeStep? Gate(VolumeSituation situation, VolumeGroupName group) => situation.GroupState switch
    {
        GroupState.Busy => new VolumeStep.AwaitGroup(group),
        GroupState.InDoubt => new VolumeStep.Scan(),
        _ => situation.Memory.ScanAfter >= situation.ScanNumber ? new VolumeStep.Scan() : null,
    };

    private static bool HasTag(LogicalVolume volume, string tag)
    {
        foreach (var each in volume.Tags)
        {
            if (each.Value == tag)
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasRoom(VolumeTerms terms, Layout layout, VolumeGroup group, ExtentCount space, out ExtentCount room)
    {
        var reserve = group.ExtentSize.ExtentsToHold(terms.Reserve);
        room = LayoutCapacity.Of(layout, group).Free.SubtractToZero(reserve);
        return space <= room;
    }
}
