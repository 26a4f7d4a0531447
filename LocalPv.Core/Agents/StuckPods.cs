using LocalPv.Core.Identity;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Units;

namespace LocalPv.Core.Agents;

/// <summary>
/// Says why a Pod waits for ever: one of its claims is bound to a node, and another finds no room there. The scheduler offers only that
/// node, so only a person can help.
/// </summary>
internal sealed class StuckPods(Calls calls, ClusterAgentOptions options, ClusterWatches watches, EventRecorder events)
{
    internal void Review(AbsenceClock clock)
    {
        foreach (var item in watches.Pods.Objects.Values)
        {
            var pod = (Pod)item;
            if (clock.Lasting("pod " + pod.Uid, calls.Now) >= options.StuckAfter)
            {
                Look(pod);
            }
        }
    }

    private void Look(Pod pod)
    {
        var claims = pod.ClaimNames
            .Select(name => watches.Claims.Find(new ObjectKey(pod.Namespace, name)))
            .OfType<PersistentVolumeClaim>()
            .ToArray();
        foreach (var bound in claims)
        {
            if (bound.VolumeName.Length == 0 || NodeOf(bound) is not { } node)
            {
                continue;
            }

            foreach (var open in claims.Where(claim => claim.VolumeName.Length == 0))
            {
                if (WhyNot(open, node) is { } why)
                {
                    events.Warning(
                        open,
                        "NodeIsFull",
                        $"Pod {pod.Name} can only run on node {node.Name}, where claim {bound.Name} lies, and there {why} "
                            + $"Make room on that node, or delete claim {bound.Name} if its data is not needed.");
                }
            }
        }
    }

    private Node? NodeOf(PersistentVolumeClaim bound) =>
        watches.Volumes.Find(ObjectKey.ClusterScoped(bound.VolumeName)) is PersistentVolume { HostName: { } host }
            ? watches.Nodes.Objects.Values.OfType<Node>().FirstOrDefault(node => node.HostName == host)
            : null;

    private string? WhyNot(PersistentVolumeClaim open, Node node)
    {
        if (!StorageClassName.TryParse(open.StorageClassName, out var name) || !NodeName.TryParse(node.Name, out var nodeName)
            || watches.Classes.Find(ObjectKey.ClusterScoped(name.Value)) is null)
        {
            return null;
        }

        if (watches.Storages.Find(ObjectKey.ClusterScoped(NodeLocalStorageName.Of(name, nodeName))) is not NodeLocalStorage storage)
        {
            return $"StorageClass {name} has no disks.";
        }

        var largest = storage.LargestVolume;
        return Quantity.TryParse(open.RequestedStorage, out var wants, out _) && wants > largest
            ? $"StorageClass {name} has room for {largest} of the {wants} that claim {open.Name} wants."
            : null;
    }
}
