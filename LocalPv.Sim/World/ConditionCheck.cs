using System.Globalization;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Provisioning;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;
using LocalPv.Sim.Plans;
using LocalPv.Sim.Scenarios;

namespace LocalPv.Sim.World;

/// <summary>Whether a scenario's condition holds in a cluster now, and if not, what is there instead.</summary>
internal sealed class ConditionCheck(SimulatedCluster cluster)
{
    private readonly FakeApiServer _server = cluster.Server;

    /// <summary>Null where the condition holds; otherwise what is seen instead.</summary>
    internal string? Missing(Condition condition) => condition switch
    {
        Condition.PodIs pod => Pod(pod),
        Condition.ClaimIs claim => Claim(claim),
        Condition.Gone gone => Find(gone.Kind, gone.Name) is { } there
            ? $"{there.Type.Kind} {there.Name} is there{(there.IsBeingDeleted ? ", being deleted" : "")}"
            : null,
        Condition.AllBound => AllBound(),
        Condition.VolumesOn volumes => VolumesOn(volumes.Node) is var count && count != volumes.Count
            ? $"{volumes.Node} has {count}"
            : null,
        Condition.StorageIs storage => Storage(storage),
        Condition.CapacityOf capacity => Capacity(capacity),
        Condition.Rescheduled rescheduled => Rescheduled(rescheduled),
        Condition.FieldIs field => Field(field),
        Condition.Told told => Told(told),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    internal static ResourceType TypeOf(string kind) => kind switch
    {
        "pod" => ResourceTypes.Pods,
        "claim" => ResourceTypes.PersistentVolumeClaims,
        "statefulset" => SimulatedCluster.StatefulSets,
        "class" => ResourceTypes.StorageClasses,
        "node" => ResourceTypes.Nodes,
        "volume" => ResourceTypes.PersistentVolumes,
        "namespace" => ResourceTypes.Namespaces,
        "storage" => ResourceTypes.NodeLocalStorages,
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private KubernetesObject? Find(string kind, string name)
    {
        var type = TypeOf(kind);
        if (Target.IsLate(name))
        {
            var there = _server.Snapshot(type).OrderBy(item => item.Key).ToList();
            var bound = Target.Bind(name, [.. there.Select(item => item.Key.ToString())]);
            return there.Find(item => item.Key.ToString() == bound);
        }

        return _server.Find(type, type.Namespaced ? Manifests.KeyOf(name) : ObjectKey.ClusterScoped(name));
    }

    private int VolumesOn(string node) => cluster.Nodes.TryGetValue(node, out var there)
        ? there.Truth.VolumeGroups.Sum(group => group.LogicalVolumes.Count(volume => volume.Claim is not null))
        : 0;

    private string? Pod(Condition.PodIs wanted) =>
        Find("pod", wanted.Name) is not Pod pod ? "there is no such Pod"
        : pod.Phase != wanted.Phase ? $"it is {pod.Phase}"
        : wanted.Node is not null && pod.NodeName != wanted.Node ? $"it is on {pod.NodeName}"
        : null;

    private string? Claim(Condition.ClaimIs wanted)
    {
        if (Find("claim", wanted.Name) is not PersistentVolumeClaim claim)
        {
            return "there is no such claim";
        }

        if (claim.Phase != wanted.Phase)
        {
            return $"it is {claim.Phase}";
        }

        var host = (Find("volume", claim.VolumeName) as PersistentVolume)?.HostName;
        return wanted.Node is not null && host != wanted.Node ? $"its volume is on {host ?? "no node"}" : null;
    }

    private string? AllBound()
    {
        var claims = _server.Snapshot(ResourceTypes.PersistentVolumeClaims).Cast<PersistentVolumeClaim>().ToList();
        var pods = _server.Snapshot(ResourceTypes.Pods).Cast<Pod>().ToList();
        return claims.Find(claim => claim.Phase != "Bound") is { } open ? $"claim {open.Key} is {open.Phase}"
            : pods.Find(pod => pod.Phase != "Running") is { } waiting ? $"Pod {waiting.Key} is {waiting.Phase}"
            : pods.Count == 0 ? "there is no Pod"
            : null;
    }

    private string? Storage(Condition.StorageIs wanted) =>
        _server.Find(ResourceTypes.NodeLocalStorages, ObjectKey.ClusterScoped(wanted.Name)) is not NodeLocalStorage storage
            ? "there is no such NodeLocalStorage"
            : storage.Phase != wanted.Phase ? $"it is {storage.Phase}"
            : null;

    private string? Capacity(Condition.CapacityOf wanted)
    {
        var text = (Find("claim", wanted.Claim)?.Tree.At("status", "capacity", "storage") as JsonText)?.Value ?? "";
        return Quantity.TryParse(text, out var size, out _) && size >= wanted.Size ? null : $"it is '{text}'";
    }

    private string? Rescheduled(Condition.Rescheduled wanted)
    {
        var times = Find("claim", wanted.Claim) is PersistentVolumeClaim claim
            ? FailedOn.Read(claim.Annotation(WellKnown.FailedOnAnnotation)).Entries.Sum(entry => entry.Count)
            : 0;
        return times < wanted.Times ? $"it was released {times} times" : null;
    }

    private string? Field(Condition.FieldIs wanted)
    {
        if (Find(wanted.Kind, wanted.Name) is not { } found)
        {
            return $"there is no such {wanted.Kind}";
        }

        JsonTree? at = found.Tree;
        foreach (var part in wanted.Path.Split('.'))
        {
            at = at switch
            {
                JsonMap map => map[part],
                JsonList list when int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                    && index < list.Count => list[index],
                _ => null,
            };
        }

        var seen = at switch
        {
            null => Condition.FieldIs.Absent,
            JsonText text => text.Value,
            _ => at.ToString()!,
        };
        return seen == wanted.Value ? null : $"it is '{seen}'";
    }

    private string? Told(Condition.Told wanted)
    {
        var about = _server.Snapshot(ResourceTypes.Events).Where(happened =>
            happened.Tree.Map("involvedObject") is { } target && target.Text("kind") == TypeOf(wanted.Kind).Kind
            && target.Text("name") == wanted.Name).ToList();
        return wanted.Reason is null
            ? about.Count > wanted.Most ? $"it has {about.Count} events" : null
            : about.Exists(happened => happened.Tree.Text("reason") == wanted.Reason)
                ? null
                : $"it is told {string.Join(", ", about.Select(happened => happened.Tree.Text("reason")).DefaultIfEmpty("nothing"))}";
    }
}
