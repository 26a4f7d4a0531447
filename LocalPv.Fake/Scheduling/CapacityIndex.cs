using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Scheduling;

/// <summary>
/// The CSIStorageCapacity objects, found by class and node. Those for one host name are found at once; the others are tried in turn.
/// </summary>
internal sealed class CapacityIndex
{
    private readonly SortedDictionary<(string Class, string Host), SortedDictionary<ObjectKey, KubernetesObject>> _byPlace = [];

    /// <summary>Takes in a change.</summary>
    public void OnChange(ObjectChange change)
    {
        if (change.Before is { } before && _byPlace.TryGetValue(PlaceOf(before), out var old))
        {
            old.Remove(before.Key);
            if (old.Count == 0)
            {
                _byPlace.Remove(PlaceOf(before));
            }
        }

        if (change.After is { } after)
        {
            var place = PlaceOf(after);
            if (!_byPlace.TryGetValue(place, out var objects))
            {
                _byPlace.Add(place, objects = []);
            }

            objects[after.Key] = after;
        }
    }

    /// <summary>Whether some object says that a volume of this class and size can be made on the node (<c>hasEnoughCapacity</c>).</summary>
    public bool HasRoom(string storageClass, long bytes, Node node) =>
        AnyHasRoom((storageClass, node.Label(WellKnown.HostNameLabel) ?? ""), bytes, node) || AnyHasRoom((storageClass, ""), bytes, node);

    /// <summary>
    /// The largest volume an object promises: <c>maximumVolumeSize</c>, else <c>capacity</c>; null where it promises nothing.
    /// </summary>
    public static long? LimitOf(KubernetesObject capacity) =>
        (capacity.Tree["maximumVolumeSize"] ?? capacity.Tree["capacity"]) is { } limit ? ResourceQuantity.Units(limit) : null;

    private bool AnyHasRoom((string Class, string Host) place, long bytes, Node node)
    {
        if (!_byPlace.TryGetValue(place, out var objects))
        {
            return false;
        }

        foreach (var (_, capacity) in objects)
        {
            if (LimitOf(capacity) >= bytes && NodeSelectors.LabelSelectorMatches(capacity.Tree.Map("nodeTopology"), node.Labels))
            {
                return true;
            }
        }

        return false;
    }

    private static (string Class, string Host) PlaceOf(KubernetesObject capacity) =>
        (capacity.Tree.Text("storageClassName") ?? "",
            (capacity.Tree.At("nodeTopology", "matchLabels", WellKnown.HostNameLabel) as JsonText)?.Value ?? "");
}
