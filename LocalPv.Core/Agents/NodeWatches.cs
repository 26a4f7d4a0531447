using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;
using LocalPv.Core.Provisioning;
using LocalPv.Core.Units;

namespace LocalPv.Core.Agents;

/// <summary>What one node agent knows of the cluster: the classes, and whatever belongs to its node.</summary>
internal sealed class NodeWatches
{
    private readonly Calls _calls;
    private readonly NodeAgentOptions _options;
    private readonly Reflector[] _all;

    internal NodeWatches(Calls calls, NodeAgentOptions options)
    {
        _calls = calls;
        _options = options;
        var node = options.Node.Value;
        var labelled = $"{WellKnown.NodeLabel}={NodeLabel.Of(options.Node)}";
        Classes = Of(
            ResourceTypes.StorageClasses, ObjectSelector.Everything, item => ((StorageClass)item).Provisioner == options.Provisioner);
        Nodes = Of(ResourceTypes.Nodes, new ObjectSelector(Fields: "metadata.name=" + node));
        Storages = Of(
            ResourceTypes.NodeLocalStorages, new ObjectSelector(Labels: labelled), item => ((NodeLocalStorage)item).NodeName == node);

        // No selector can say which claims select this node; the others are not kept.
        Claims = Of(
            ResourceTypes.PersistentVolumeClaims, ObjectSelector.Everything, item => ((PersistentVolumeClaim)item).SelectedNode == node);
        Volumes = Of(ResourceTypes.PersistentVolumes, new ObjectSelector(Labels: labelled));
        Capacities = options.CapacityNamespace.Length == 0
            ? null
            : Of(ResourceTypes.CsiStorageCapacities, new ObjectSelector(options.CapacityNamespace, labelled));
        _all = Capacities is null
            ? [Claims, Volumes, Storages, Nodes, Classes]
            : [Claims, Volumes, Storages, Nodes, Classes, Capacities];
    }

    internal Reflector Classes { get; }

    internal Reflector Nodes { get; }

    internal Reflector Storages { get; }

    internal Reflector Claims { get; }

    internal Reflector Volumes { get; }

    internal Reflector? Capacities { get; }

    /// <summary>What has changed and was not passed on yet.</summary>
    internal List<ObjectChange> Changes { get; } = [];

    /// <summary>Whether all has been listed once.</summary>
    internal bool IsSynced { get; private set; }

    internal Instant Deadline
    {
        get
        {
            var first = Instant.Never;
            foreach (var reflector in _all)
            {
                first = Instant.Min(first, reflector.Deadline);
            }

            return first;
        }
    }

    /// <summary>The agent's own Node object; null while there is none.</summary>
    internal Node? Node => Nodes.Find(ObjectKey.ClusterScoped(_options.Node.Value)) as Node;

    internal void Start()
    {
        foreach (var reflector in _all)
        {
            reflector.Start(_calls.Now, _calls.Effects);
        }
    }

    internal void Tick()
    {
        foreach (var reflector in _all)
        {
            reflector.Tick(_calls.Now, _calls.Effects);
        }

        if (!IsSynced && Array.TrueForAll(_all, reflector => reflector.IsSynced))
        {
            IsSynced = true;
        }
    }

    internal bool TryHandle(AgentEvent happened)
    {
        foreach (var reflector in _all)
        {
            if (reflector.TryHandle(_calls.Now, happened, _calls.Effects, Changes))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Takes in what one of our own requests was answered with.</summary>
    internal void Learn(Reflector? reflector, KubernetesObject? answered)
    {
        if (answered is not null)
        {
            reflector?.Learn(answered, Changes);
        }
    }

    private Reflector Of(ResourceType type, ObjectSelector selector, Func<KubernetesObject, bool>? keep = null) =>
        new(type, selector, _calls.Numbers, _options.Reflector with { Spread = _options.Spread + (ulong)type.Plural.Length }, keep);
}
