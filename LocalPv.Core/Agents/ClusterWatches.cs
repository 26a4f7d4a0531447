using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;

namespace LocalPv.Core.Agents;

/// <summary>What the cluster agent knows: everything of ours, all nodes, and the Pods that do not run yet.</summary>
internal sealed class ClusterWatches : WatchSet
{
    internal ClusterWatches(Calls calls, ClusterAgentOptions options)
        : base(calls, options.Reflector, options.Spread)
    {
        Pods = Add(ResourceTypes.Pods, new ObjectSelector(Fields: "status.phase=Pending"), item => IsWaiting((Pod)item));
        Claims = Add(ResourceTypes.PersistentVolumeClaims, ObjectSelector.Everything);
        Volumes = Add(
            ResourceTypes.PersistentVolumes,
            ObjectSelector.Everything,
            item => ((PersistentVolume)item).ProvisionedBy == options.Provisioner);
        Storages = Add(ResourceTypes.NodeLocalStorages, ObjectSelector.Everything);
        Nodes = Add(ResourceTypes.Nodes, ObjectSelector.Everything);
        Classes = Add(
            ResourceTypes.StorageClasses, ObjectSelector.Everything, item => ((StorageClass)item).Provisioner == options.Provisioner);
        Capacities = options.CapacityNamespace.Length == 0
            ? null
            : Add(ResourceTypes.CsiStorageCapacities, new ObjectSelector(options.CapacityNamespace), IsOurs);
    }

    internal Reflector Pods { get; }

    internal Reflector Claims { get; }

    internal Reflector Volumes { get; }

    internal Reflector Storages { get; }

    internal Reflector Nodes { get; }

    internal Reflector Classes { get; }

    internal Reflector? Capacities { get; }

    internal Node? Node(string name) => Nodes.Find(ObjectKey.ClusterScoped(name)) as Node;

    // Ours carry the label of a node; one that has lost it still belongs to a NodeLocalStorage.
    private static bool IsOurs(KubernetesObject capacity) => capacity.Label(WellKnown.NodeLabel) is not null
        || (capacity.Metadata.List("ownerReferences")?.Maps() ?? [])
            .Any(owner => owner.Text("kind") == ResourceTypes.NodeLocalStorages.Kind);

    private static bool IsWaiting(Pod pod) => pod is { IsBeingDeleted: false, Phase: "Pending" } && pod.ClaimNames.Count > 0;
}
