using System.Collections.Immutable;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Sim.WhatIf;

/// <summary>
/// Answers what would happen in a cluster that somebody has looked at: where the Pods that wait would go, what becomes of the Pods of a
/// node that dies, and how full each volume group is then. Judged by the extender of production; only storage, cordons and taints count.
/// </summary>
public static class Forecast
{
    /// <summary>Judges. <paramref name="lost"/>: the nodes that are supposed to be gone.</summary>
    public static WhatIfResult Judge(IEnumerable<JsonTree> documents, IReadOnlyCollection<string> lost)
    {
        var all = ClusterFile.Read(documents);
        ImmutableArray<KubernetesObject> objects = [.. all.Where(one => !IsLost(one, lost))];
        var picture = new ClusterPicture(objects);
        var claims = new SortedDictionary<ObjectKey, PersistentVolumeClaim>();
        foreach (var claim in objects.OfType<PersistentVolumeClaim>())
        {
            claims.Add(claim.Key, claim);
        }

        var hosts = HostsOf(all);
        ImmutableArray<string> nodes =
        [
            .. objects.OfType<Node>().Where(TakesPods).Select(node => node.Name).Order(StringComparer.Ordinal),
        ];
        var fates = ImmutableArray.CreateBuilder<PodFate>();
        foreach (var pod in objects.OfType<Pod>().Where(pod => pod.Phase is "Pending" or "Running" && !pod.IsBeingDeleted))
        {
            if (pod.NodeName.Length > 0 && !lost.Contains(pod.NodeName))
            {
                continue;
            }

            var gone = pod.ClaimNames
                .Select(name => new ObjectKey(pod.Namespace, name))
                .Where(key => claims.TryGetValue(key, out var claim) && lost.Contains(hosts.GetValueOrDefault(claim.Uid, "")))
                .ToArray();
            foreach (var key in gone)
            {
                claims[key] = picture.Choose(Anew(claims[key]), null);
            }

            fates.Add(Place(picture, claims, pod, nodes, gone));
        }

        return new WhatIfResult(fates.ToImmutable(), GroupsOf(objects, picture));
    }

    private static PodFate Place(
        ClusterPicture picture,
        SortedDictionary<ObjectKey, PersistentVolumeClaim> claims,
        Pod pod,
        ImmutableArray<string> nodes,
        ObjectKey[] gone)
    {
        var (node, decision) = picture.Place(pod, nodes);
        if (node is not null)
        {
            foreach (var name in pod.ClaimNames)
            {
                var key = new ObjectKey(pod.Namespace, name);
                if (claims.TryGetValue(key, out var claim) && claim.VolumeName.Length == 0 && claim.SelectedNode is null)
                {
                    claims[key] = picture.Choose(claim, node);
                }
            }
        }

        return new PodFate(
            pod.Key.ToString(),
            pod.NodeName,
            node,
            [.. gone.Select(key => key.Name)],
            node is not null ? []
                : decision.Error.Length > 0 ? [new WhyNot("", decision.Error)]
                : [.. decision.Rejected.Select(rejected => new WhyNot(rejected.Node, rejected.Reason))]);
    }

    private static ImmutableArray<GroupFill> GroupsOf(ImmutableArray<KubernetesObject> objects, ClusterPicture picture)
    {
        var promises = picture.Promises();
        return
        [
            .. objects.OfType<NodeLocalStorage>().Select(storage =>
            {
                var group = storage.Status.Map("volumeGroup")?.Text("name") ?? "";
                var promised = promises
                    .Where(promise => promise.Node.Value == storage.NodeName && promise.Group.Value == group)
                    .Aggregate(Bytes.Zero, (sum, promise) => sum + promise.Promised);
                return new GroupFill(
                    storage.NodeName, storage.StorageClassName, group, Size(storage, "capacity"), Size(storage, "free"), promised);
            }),
        ];
    }

    private static Bytes Size(NodeLocalStorage storage, string field) =>
        Quantity.TryParse(storage.Status.Text(field) ?? "0", out var size, out _) ? size : Bytes.Zero;

    private static SortedDictionary<string, string> HostsOf(ImmutableArray<KubernetesObject> objects)
    {
        var nodes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var node in objects.OfType<Node>())
        {
            nodes[node.HostName] = node.Name;
        }

        var hosts = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var volume in objects.OfType<PersistentVolume>())
        {
            if (volume.HostName is { } host)
            {
                hosts[volume.ClaimUid] = nodes.GetValueOrDefault(host, host);
            }
        }

        return hosts;
    }

    // What a person makes who gives the data up: the same claim, without a volume.
    private static PersistentVolumeClaim Anew(PersistentVolumeClaim claim) => new(claim.Tree
        .WithAt(["metadata", "uid"], "anew-" + claim.Uid[..Math.Min(50, claim.Uid.Length)])
        .WithAt(["metadata", "annotations"], null)
        .WithAt(["spec", "volumeName"], null)
        .Without("status"));

    private static bool IsLost(KubernetesObject one, IReadOnlyCollection<string> lost) =>
        (one is Node node && lost.Contains(node.Name)) || (one is NodeLocalStorage storage && lost.Contains(storage.NodeName));

    private static bool TakesPods(Node node) => !node.Unschedulable
        && !(node.Tree.Map("spec")?.List("taints")?.Maps() ?? []).Any(taint => taint.Text("effect") is "NoSchedule" or "NoExecute");
}
