using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;

namespace LocalPv.Sim.Checking.Liveness;

/// <summary>
/// L09: wherever a process ended, what was begun is completed or undone: no claim stays sent to a node that is served, neither bound nor
/// given back. Where its volume may have been made, as far as the agent can know, and the disks are away, only a person can say that it is
/// to go on elsewhere, as where somebody deletes its PersistentVolume before the claim is bound to it.
/// </summary>
internal sealed class L09BegunWorkEnds()
    : LivenessRule("L09", "What was begun is completed or undone.", TimeSpan.FromMinutes(9)), IFollowsObjects, IFollowsStorage
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(6);
    private readonly Dictionary<string, Instant> _since = new(StringComparer.Ordinal);

    // Which claims' volumes a node was asked for without a clear answer.
    private readonly HashSet<(string Claim, string Node)> _inDoubt = [];

    public void Before(LvmCall call)
    {
    }

    public void After(LvmCall call, Outcome<NodeStorageAnswer>? outcome)
    {
        if (call.Request is NodeStorageRequest.CreateLogicalVolume create && Targets.ClaimOf(create) is { } uid
            && outcome is null or { Kind: OutcomeKind.InDoubt })
        {
            _inDoubt.Add((uid, call.Node));
        }
    }

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
                && !HasOtherVolume(claim) && !HasVolumeThatGoes(claim) && !IsUnknown(claim))
            {
                return $"claim {claim.Key} was sent to {chosen} {(Truth.Now - since).TotalMinutes:0.#} min ago and is still Pending.";
            }
        }

        return null;
    }

    private bool IsUnknown(PersistentVolumeClaim claim) => _inDoubt.Contains((claim.Uid, claim.SelectedNode!))
        && !(Truth.StorageOf(claim.StorageClassName, claim.SelectedNode!) is { } storage
            && Truth.Nodes[claim.SelectedNode!].Group(Demand.GroupOf(storage) ?? "") is { IsComplete: true });

    private bool HasOtherVolume(PersistentVolumeClaim claim) =>
        Truth.PersistentVolumesOf(claim.Uid).Any(volume => volume.HostName != Truth.HostNameOf(claim.SelectedNode!));

    // Somebody has deleted it while the claim was about to be bound to it: the binder passes it over then, and Kubernetes' protection of
    // volumes keeps it as long as it is bound.
    private bool HasVolumeThatGoes(PersistentVolumeClaim claim) =>
        Truth.PersistentVolumesOf(claim.Uid).Any(volume => volume.IsBeingDeleted);
}
