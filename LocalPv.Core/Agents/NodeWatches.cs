using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;
using LocalPv.Core.Provisioning;

namespace LocalPv.Core.Agents;

/// <summary>What one node agent knows of the cluster: the classes, and whatever belongs to its node.</summary>
internal sealed class NodeWatches : WatchSet
{
    private readonly NodeAgentOptions _options;

    internal NodeWatches(Calls calls, NodeAgentOptions options)
        : base(calls, options.Reflector, options.Spread)
    {
        _options = options;
        var node = options.Node.Value;
        var labelled = $"{WellKnown.NodeLabel}={NodeLabel.Of(options.Node)}";

        // No selector can say which claims are this node's; the others are not kept. They are first, since they change most.
        Claims = Add(
            ResourceTypes.PersistentVolumeClaims,
            ObjectSelector.Everything,
            item => item is PersistentVolumeClaim claim && (claim.SelectedNode == node || IsBoundHere(claim)));
        Volumes = Add(
            ResourceTypes.PersistentVolumes,
            new ObjectSelector(Labels: labelled),
            item => item.Label(WellKnown.NodeLabel) == NodeLabel.Of(options.Node));
        Storages = Add(
            ResourceTypes.NodeLocalStorages, new ObjectSelector(Labels: labelled), item => ((NodeLocalStorage)item).NodeName == node);
        Nodes = Add(ResourceTypes.Nodes, new ObjectSelector(Fields: "metadata.name=" + node));
        Classes = Add(
            ResourceTypes.StorageClasses, ObjectSelector.Everything, item => ((StorageClass)item).Provisioner == options.Provisioner);
        Capacities = options.CapacityNamespace.Length == 0
            ? null
            : Add(ResourceTypes.CsiStorageCapacities, new ObjectSelector(options.CapacityNamespace, labelled));
    }

    internal Reflector Classes { get; }

    internal Reflector Nodes { get; }

    internal Reflector Storages { get; }

    internal Reflector Claims { get; }

    internal Reflector Volumes { get; }

    internal Reflector? Capacities { get; }

    // A claim that was put back without its annotations still has its volume here, or may have: volumes may be listed after it. One that
    // names another provisioner is not ours: most claims of a cluster may be, bound at once and without a node.
    private bool IsBoundHere(PersistentVolumeClaim claim) => claim.IsBoundToItsOwn
        && (claim.SelectedNode is null || Volumes.Find(ObjectKey.ClusterScoped(claim.VolumeName)) is not null)
        && (claim.Provisioner ?? _options.Provisioner) == _options.Provisioner;

    /// <summary>The agent's own Node object; null while there is none.</summary>
    internal Node? Node => Nodes.Find(ObjectKey.ClusterScoped(_options.Node.Value)) as Node;
}
