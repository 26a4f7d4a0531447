using LocalPv.Core.Disks;
using LocalPv.Core.Kubernetes;

namespace LocalPv.Core.Agents;

/// <summary>Says on each of our classes what is wrong with it: all errors at once, and nodes that do not exist.</summary>
internal sealed class ClassReview(ClusterWatches watches, EventRecorder events)
{
    internal void Review()
    {
        foreach (var item in watches.Classes.Objects.Values)
        {
            var storageClass = (StorageClass)item;
            var (reason, message) = Judge(storageClass);
            if (message.Length > 0)
            {
                // Each time, as an Event goes after an hour; the recorder writes it seldom.
                events.Warning(storageClass, reason, message);
            }
        }
    }

    private (string Reason, string Message) Judge(StorageClass storageClass)
    {
        if (!StorageParameters.TryRead(storageClass, out var parameters, out var errors))
        {
            return ("InvalidStorageClass", string.Join(" ", errors));
        }

        var unknown = parameters.Nodes.Where(node => watches.Node(node.Node.Value) is null).Select(node => node.Node.Value).ToArray();
        return unknown.Length == 0
            ? ("", "")
            : ("UnknownNodes", $"There is no node of the name {string.Join(", ", unknown)}: nothing is done for it until there is.");
    }
}
