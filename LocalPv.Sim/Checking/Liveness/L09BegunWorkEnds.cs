using LocalPv.Core.Kubernetes;
using LocalPv.Core.Units;

namespace LocalPv.Sim.Checking.Liveness;

/// <summary>
/// L09: wherever a process ended, what was begun is completed or undone: no claim stays sent to a node that is served, neither bound nor
/// given back.
/// </summary>
internal sealed class L09BegunWorkEnds()
    : LivenessRule("L09", "What was begun is completed or undone.", TimeSpan.FromMinutes(9)), IFollowsObjects
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(6);
    private readonly Dictionary<string, Instant> _since = new(StringComparer.Ordinal);

    public void OnCommit(Commit commit)
    {
        if (commit.Change.Object is PersistentVolumeClaim claim
            && claim.SelectedNode != (commit.Change.Previous as PersistentVolumeClaim)?.SelectedNode)
        {
            _since[claim.Uid] = Truth.Now;
        }
    }

    /// <inheritdoc/>
    public override string? Pending()
    {
        foreach (var claim in Truth.Claims.Values)
        {
            if (claim is { Phase: "Pending", IsBeingDeleted: false, SelectedNode: { } chosen } && Truth.IsOurs(claim)
                && Truth.IsServed(chosen)
                && Truth.Server.Find(ResourceTypes.StorageClasses, ObjectKey.ClusterScoped(claim.StorageClassName ?? "")) is not null
                && _since.TryGetValue(claim.Uid, out var since) && Truth.Now - since > Longest
                && Truth.LogicalVolumesOf(claim.Uid).All(logical => logical.Node == chosen && !logical.Volume.Partial)
                && !HasOtherVolume(claim))
            {
                return $"claim {claim.Key} was sent to {chosen} {(Truth.Now - since).TotalMinutes:0.#} min ago and is still Pending.";
            }
        }

        return null;
    }

    private bool HasOtherVolume(PersistentVolumeClaim claim) =>
        Truth.PersistentVolumesOf(claim.Uid).Any(volume => volume.HostName != Truth.HostNameOf(claim.SelectedNode!));
}
