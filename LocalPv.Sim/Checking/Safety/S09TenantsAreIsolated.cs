using LocalPv.Core.Disks;
using LocalPv.Core.Kubernetes;

namespace LocalPv.Sim.Checking.Safety;

/// <summary>
/// S09: what was written through one claim cannot be read through a later one. When a claim is bound, a mark is written all over its
/// volume as its Pod would; in each new volume such marks are looked for. What was removed while a class of its node wiped only signatures
/// stays readable, whatever a class says that is made later: the tenants of that class trusted each other. What somebody removed by hand
/// was not wiped.
/// </summary>
internal sealed class S09TenantsAreIsolated()
    : Rule("S09", "No data of an earlier claim can be read through a later one."), IFollowsVolumes, IFollowsObjects
{
    private const string Mark = "data of ";
    private readonly SortedSet<string> _excused = new(StringComparer.Ordinal);

    public void OnCommit(Commit commit)
    {
        if (commit.Change.Object is PersistentVolumeClaim { Phase: "Bound" } claim
            && (commit.Change.Previous as PersistentVolumeClaim)?.Phase != "Bound"
            && Truth.LogicalVolumesOf(claim.Uid) is [{ Volume.Active: true } logical])
        {
            Truth.Write(logical, Mark + claim.Uid);
        }
    }

    public void OnVolume(VolumeChange change)
    {
        if (change is { Before: { Claim.Length: > 0 } gone, After: null } && (change.By is null || TrustEachOther(gone.Node)))
        {
            _excused.Add(Mark + gone.Claim);
        }

        if (change is not { Before: null, After: { Claim.Length: > 0 } made, By: not null })
        {
            return;
        }

        foreach (var text in Truth.Read(made))
        {
            if (text.StartsWith(Mark, StringComparison.Ordinal) && text != Mark + made.Claim && !_excused.Contains(text))
            {
                Broken($"the new volume {made} of claim {made.Claim} shows {text}.");
            }
        }
    }

    private bool TrustEachOther(string node) => Truth.Storages.Values.Any(storage =>
        storage.NodeName == node && NodeLocalStorageSpec.Read(storage.Spec).TryGetValue(out var spec)
        && spec.Wipe == WipePolicy.Signatures);
}
