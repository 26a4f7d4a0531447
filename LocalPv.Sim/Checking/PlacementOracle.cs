using LocalPv.Core.Kubernetes;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Sim.Checking;

/// <summary>
/// Says where Pods could run by the truth alone: Nodes that are ready, volume groups that are whole, extents that are free and promised to
/// nobody. Exact: a claim of a class has one volume group on a node, so that fitting together is a sum. Pods with wishes that this does not
/// understand get no answer.
/// </summary>
/// <param name="truth">What is true.</param>
/// <param name="countsLost">
/// Whether volumes that a node has lost, but whose claims are still bound to it, keep their space: an extender that has just started
/// cannot tell them from volumes that the next report will show.
/// </param>
public sealed class PlacementOracle(Truth truth, bool countsLost = false)
{
    private const int PacksMax = 200_000;

    /// <summary>
    /// A node on which the Pod could run now, whatever the scheduler thinks; null where there is none, or none is known.
    /// <paramref name="among"/>: which nodes come into question; null for all.
    /// </summary>
    public string? WhereCouldRun(Pod pod, Func<string, bool>? among = null)
    {
        if (ClaimsOf(pod) is not { } claims || HasOtherWishes(pod))
        {
            return null;
        }

        foreach (var node in truth.Nodes.Keys)
        {
            if (IsOpen(node) && Fits(claims, node, null) && among?.Invoke(node) != false)
            {
                return node;
            }
        }

        return null;
    }

    /// <summary>
    /// The largest number of these Pods that could run at the same time, by trying all; null where that would take too long.
    /// </summary>
    public int? MostThatCouldRun(IReadOnlyList<Pod> pods)
    {
        var tries = 0;
        var best = 0;
        var nodes = truth.Nodes.Keys.Where(IsOpen).ToArray();
        var taken = new SortedDictionary<string, long>(StringComparer.Ordinal);
        bool Try(int index, int placed)
        {
            if (++tries > PacksMax)
            {
                return false;
            }

            best = Math.Max(best, placed);
            if (index == pods.Count || placed + pods.Count - index <= best)
            {
                return true;
            }

            if (ClaimsOf(pods[index]) is { } claims)
            {
                foreach (var node in nodes)
                {
                    var before = taken.ToArray();
                    if (Fits(claims, node, taken) && !Try(index + 1, placed + 1))
                    {
                        return false;
                    }

                    taken.Clear();
                    foreach (var (account, extents) in before)
                    {
                        taken.Add(account, extents);
                    }
                }
            }

            return Try(index + 1, placed);
        }

        return Try(0, 0) ? best : null;
    }

    /// <summary>Whether new Pods with claims may go to a node: ready, not cordoned, without taints, its agent alive.</summary>
    public bool IsOpen(string node) =>
        truth.IsServed(node) && truth.Node(node) is { Unschedulable: false, IsBeingDeleted: false } known && IsReady(known)
        && known.Tree.At("spec", "taints") is null or LocalPv.Core.Kubernetes.Json.JsonList { Count: 0 };

    /// <summary>The Pod's claims, all of classes of ours or bound; null where one is missing, ending, or somebody else's.</summary>
    private List<PersistentVolumeClaim>? ClaimsOf(Pod pod)
    {
        var claims = new List<PersistentVolumeClaim>();
        foreach (var name in pod.ClaimNames.Distinct(StringComparer.Ordinal))
        {
            if (truth.Server.Find(ResourceTypes.PersistentVolumeClaims, new ObjectKey(pod.Namespace, name))
                is not PersistentVolumeClaim { IsBeingDeleted: false, Phase: not "Lost" } claim
                || (claim.VolumeName.Length == 0 && (!truth.IsOurs(claim) || HasOddWishes(claim))))
            {
                return null;
            }

            claims.Add(claim);
        }

        return claims;
    }

    private static bool HasOddWishes(PersistentVolumeClaim claim) =>
        Demand.SizeOf(claim) == 0 || claim.Tree.At("spec", "selector") is not null || claim.Tree.At("spec", "dataSource") is not null
        || claim.Tree.At("spec", "volumeAttributesClassName") is not null;

    private bool Fits(List<PersistentVolumeClaim> claims, string node, SortedDictionary<string, long>? taken)
    {
        var needed = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var claim in claims)
        {
            if (claim.VolumeName.Length > 0)
            {
                if (!truth.PersistentVolumes.TryGetValue(claim.VolumeName, out var volume) || volume.IsBeingDeleted
                    || volume.HostName != truth.HostNameOf(node) || !truth.LogicalVolumesOf(claim.Uid).Any(IsWhole))
                {
                    return false;
                }
            }
            else if ((claim.SelectedNode is { } chosen && chosen != node) || truth.Refuses(node))
            {
                return false;
            }
            else if (truth.StorageOf(claim.StorageClassName, node) is not { IsBeingDeleted: false, Phase: "Ready" or "Degraded" } storage
                || Demand.GroupOf(storage) is not { } name || truth.Nodes[node].Group(name) is not { IsComplete: true } group
                || Demand.LayoutOf(storage).Type is LayoutType.Thin)
            {
                return false;
            }
            else if (!truth.LogicalVolumesOf(claim.Uid).Any(logical => logical.Node == node))
            {
                needed[name] = needed.GetValueOrDefault(name) + Demand.ExtentsOf(claim, storage, group.ExtentSize);
            }
        }

        return needed.All(entry => entry.Value <= Room(node, entry.Key, claims) - (taken?.GetValueOrDefault(node + "/" + entry.Key) ?? 0))
            && Take(needed, node, taken);
    }

    private static bool Take(SortedDictionary<string, long> needed, string node, SortedDictionary<string, long>? taken)
    {
        foreach (var (name, extents) in needed)
        {
            if (taken is not null)
            {
                taken[node + "/" + name] = taken.GetValueOrDefault(node + "/" + name) + extents;
            }
        }

        return true;
    }

    private static bool IsWhole(VolumeTruth logical) => !logical.Volume.Partial;

    // A mirror or a stripe takes as much from each of several disks: what the least of the best of them has counts for all.
    private static long FreeOf(VolumeGroup group, Layout layout)
    {
        var disks = layout.Type switch
        {
            LayoutType.Raid1 => 1 + layout.Mirrors,
            LayoutType.Striped => layout.Stripes,
            _ => 0,
        };
        if (disks < 2)
        {
            return group.FreeExtents.Value;
        }

        var best = group.PhysicalVolumes.Select(disk => disk.FreeExtents.Value).OrderDescending().Take(disks).ToArray();
        return best.Length < disks ? 0 : best[^1] * disks;
    }

    // Free extents, less the largest reserve, less those of claims that were sent there and have no volume yet.
    private long Room(string node, string name, List<PersistentVolumeClaim> own)
    {
        var group = truth.Nodes[node].Group(name)!;
        var reserve = truth.Storages.Values
            .Where(storage => storage.NodeName == node && Demand.GroupOf(storage) == name)
            .Max(storage => Demand.Up(Demand.ReserveOf(storage), group.ExtentSize.Size.Value));
        var promised = 0L;
        foreach (var uid in truth.Selecting(node))
        {
            if (!own.Exists(claim => claim.Uid == uid) && truth.Claim(uid) is { } claim && truth.IsOurs(claim)
                && (countsLost || claim.VolumeName.Length == 0)
                && truth.LogicalVolumesOf(uid).Count == 0 && truth.StorageOf(claim.StorageClassName, node) is { } storage
                && Demand.GroupOf(storage) == name)
            {
                promised += Demand.ExtentsOf(claim, storage, group.ExtentSize);
            }
        }

        // What volumes there still want to grow by is held back for them.
        foreach (var volume in truth.Nodes[node].Volumes.Values)
        {
            if (volume.Group.Name.Value == name && truth.Claim(volume.Claim) is { } claim
                && truth.StorageOf(claim.StorageClassName, node) is { } storage)
            {
                var has = LayoutCost.ExtentsNeeded(Demand.LayoutOf(storage), group.ExtentSize, volume.Volume.Size).Space.Value;
                promised += Math.Max(0, Demand.ExtentsOf(claim, storage, group.ExtentSize) - has);
            }
        }

        var layouts = own.Where(claim => claim.VolumeName.Length == 0)
            .Select(claim => truth.StorageOf(claim.StorageClassName, node))
            .OfType<NodeLocalStorage>()
            .Where(storage => Demand.GroupOf(storage) == name)
            .Select(Demand.LayoutOf);
        return layouts.Min(layout => FreeOf(group, layout)) - reserve - promised;
    }

    private static bool HasOtherWishes(Pod pod)
    {
        var spec = pod.Tree.Map("spec");
        return spec is null || spec.Contains("nodeSelector") || spec.Contains("affinity") || spec.Contains("topologySpreadConstraints")
            || pod.NodeName.Length > 0 || pod.IsBeingDeleted
            || (spec.Text("schedulerName") is { } scheduler && scheduler != "default-scheduler")
            || (spec.List("containers")?.Maps() ?? []).Any(container => container.At("resources", "requests") is not null);
    }

    private static bool IsReady(Node node) => (node.Tree.At("status", "conditions") as LocalPv.Core.Kubernetes.Json.JsonList)?.Maps()
        .Any(condition => condition.Text("type") == "Ready" && condition.Text("status") == "True") == true;
}
