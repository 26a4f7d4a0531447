using LocalPv.Core.Kubernetes;
using LocalPv.Core.Units;
using LocalPv.Core.VolumeGroups;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Sim.Checking.Safety;

/// <summary>
/// S02: on each volume group there is room for every claim that was sent there and has no volume yet. Judged when the scheduler chooses a
/// node that it was just given, where one extender has lived long enough, has heard of the other claims and of the report, and nobody took
/// space behind its back since the node could last report: only then is an exact promise possible. What was sent to the node by another
/// than the scheduler was never offered: the extender knows of it when it has heard of it. A group with a thin pool is left out: the pool
/// takes all that is free when it is made, so that such a group is not for classes of another layout. Source: topolvm#117,
/// hwameistor#1425.
/// </summary>
internal sealed class S02PromisesAreKept(ExtenderView view)
    : Rule("S02", "What is promised on a volume group is there."), IFollowsObjects
{
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Hearing = TimeSpan.FromSeconds(5);
    private readonly Dictionary<string, (Instant At, string By)> _selected = new(StringComparer.Ordinal);
    private readonly Dictionary<ObjectKey, Instant> _unheardSince = [];
    private readonly Dictionary<ObjectKey, Instant> _writtenAt = [];

    public void OnCommit(Commit commit)
    {
        if (commit.Change.Object is NodeLocalStorage written)
        {
            _writtenAt[written.Key] = Truth.Now;
        }

        if (commit.Change is { Object: NodeLocalStorage report }
            && (commit.Change.Previous is not NodeLocalStorage before || view.Has(before) || !_unheardSince.ContainsKey(report.Key)))
        {
            _unheardSince[report.Key] = Truth.Now;
        }

        if (commit.Change.Object is not PersistentVolumeClaim claim || commit.Change.Type == ChangeType.Deleted
            || claim.SelectedNode is not { } node || (commit.Change.Previous as PersistentVolumeClaim)?.SelectedNode == node)
        {
            return;
        }

        _selected[claim.Uid] = (Truth.Now, commit.Actor);
        // A class that is made or remade reaches the scheduler and the extender at different moments: until it does, the claim is nobody's
        // to the extender, which must not stand in the way of other people's claims.
        if (commit.Actor == "scheduler" && claim.VolumeName.Length == 0 && !Truth.IsFresh(ResourceTypes.StorageClasses.Kind)
            && Truth.Now - Truth.DisturbedAt(node) > Settling
            && view.KnowsAllFor(Settling) && view.AskedAt(claim.Key) is { } asked && Truth.Now - asked < Hearing
            && view.HasJustGiven(claim.Key, node)
            && Truth.StorageOf(claim.StorageClassName, node) is { } storage && Demand.GroupOf(storage) is { } group
            && _writtenAt.GetValueOrDefault(storage.Key) >= Truth.DisturbedAt(node)
            && (view.Knew(claim.Key, storage) || Truth.Now - _unheardSince.GetValueOrDefault(storage.Key) < Hearing))
        {
            Judge(claim, node, group);
        }
    }

    // What the extender has heard since it was asked came too late for its answer.
    private void Judge(PersistentVolumeClaim claim, string node, string groupName)
    {
        if (!Truth.Nodes.TryGetValue(node, out var truth) || truth.Group(groupName) is not { IsComplete: true, ThinPool: null } group)
        {
            return;
        }

        long needed = 0;
        foreach (var uid in Truth.Selecting(node))
        {
            var other = Truth.Claim(uid)!;
            if (other.VolumeName.Length > 0 || Truth.LogicalVolumesOf(uid).Count > 0 || !Truth.IsOurs(other)
                || Truth.StorageOf(other.StorageClassName, node) is not { } storage || Demand.GroupOf(storage) != groupName
                || Demand.LayoutOf(storage).Type == LayoutType.Thin)
            {
                continue;
            }

            if (uid != claim.Uid && !view.KnewSelected(claim.Key, other, node)
                && (!_selected.TryGetValue(uid, out var selected) || selected.By != "scheduler" || Truth.Now - selected.At > Hearing
                    || !view.IsOffered(other.Key)))
            {
                return;
            }

            needed += Demand.ExtentsOf(other, storage, group.ExtentSize);
        }

        if (needed > group.FreeExtents.Value)
        {
            Broken($"{node}/{groupName} has {group.FreeExtents} free, but {needed} are promised since {claim.Key} was sent there.");
        }
    }
}
