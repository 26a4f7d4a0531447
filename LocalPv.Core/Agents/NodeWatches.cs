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

        // No selector can say which claims select this node; the others are not kept. They are first, since they change most.
        Claims = Add(
            ResourceTypes.PersistentVolumeClaims, ObjectSelector.Everything, item => ((PersistentVolumeClaim)item).SelectedNode == node);
        Volumes = Add(ResourceTypes.PersistentVolumes, new ObjectSelector(Labels: labelled));
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

    /// <summary>The agent's own Node object; null while there is none.</summary>
    internal Node? Node => Nodes.Find(ObjectKey.ClusterScoped(_options.Node.Value)) as Node;
}
