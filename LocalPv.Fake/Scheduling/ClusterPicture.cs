using System.Collections.Immutable;
using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Scheduling;

/// <summary>
/// What the scheduler knows of the cluster: copies of the objects, the sums per node with assumed Pods included, and the objects it
/// assumes.
/// </summary>
internal sealed class ClusterPicture
{
    private readonly Reflector _pods;
    private readonly Reflector _nodes;
    private readonly Reflector _claims;
    private readonly Reflector _volumes;
    private readonly Reflector _capacities;
    private readonly Reflector[] _all;
    private readonly SortedDictionary<string, NodeState> _states = new(StringComparer.Ordinal);
    private readonly List<NodeState> _listed = [];
    private readonly SortedDictionary<string, Placement> _placements = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Placement> _withAffinity = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, int> _priorities = [];

    public ClusterPicture(CallNumbers numbers, ReflectorOptions options)
    {
        Reflector Of(ResourceType type) => new(type, ObjectSelector.Everything, numbers, options);
        _nodes = Of(ResourceTypes.Nodes);
        _volumes = Of(ResourceTypes.PersistentVolumes);
        _claims = Of(ResourceTypes.PersistentVolumeClaims);
        StorageClasses = Of(ResourceTypes.StorageClasses);
        CsiDrivers = Of(SchedulerResources.CsiDrivers);
        _capacities = Of(ResourceTypes.CsiStorageCapacities);
        _pods = Of(ResourceTypes.Pods);
        _all = [_pods, _nodes, _claims, _volumes, StorageClasses, CsiDrivers, _capacities];
        Claims = new AssumeCache<PersistentVolumeClaim>(_claims);
        Volumes = new AssumeCache<PersistentVolume>(_volumes);
    }

    /// <summary>The classes.</summary>
    public Reflector StorageClasses { get; }

    /// <summary>The CSI drivers.</summary>
    public Reflector CsiDrivers { get; }

    /// <summary>The claims, with what is assumed of them.</summary>
    public AssumeCache<PersistentVolumeClaim> Claims { get; }

    /// <summary>The volumes, with what is assumed of them.</summary>
    public AssumeCache<PersistentVolume> Volumes { get; }

    /// <summary>The volumes by what they may be used for.</summary>
    public VolumeIndex VolumeIndex { get; } = new();

    /// <summary>The reported capacities.</summary>
    public CapacityIndex Capacities { get; } = new();

    /// <summary>Whether everything has been listed once; before that nothing is scheduled.</summary>
    public bool IsSynced { get; private set; }

    /// <summary>The nodes that exist, in the order they were heard of.</summary>
    public IReadOnlyList<NodeState> Nodes => _listed;

    /// <summary>The Pods that have a node, or are assumed to, in the order of their uids.</summary>
    public IEnumerable<(PodNeeds Pod, NodeState Node)> Placed => _placements.Values.Select(one => (one.Pod, one.Node));

    /// <summary>Those of <see cref="Placed"/> that say something of other Pods.</summary>
    public IEnumerable<(PodNeeds Pod, NodeState Node)> WithAffinity => _withAffinity.Values.Select(one => (one.Pod, one.Node));

    /// <summary>The Pods that are to have a node soon.</summary>
    public Nominations Nominations { get; } = new();

    /// <summary>Whether some Pod that has a node is less important than this priority.</summary>
    public bool AnyBelow(long priority)
    {
        foreach (var (lowest, _) in _priorities)
        {
            return lowest < priority;
        }

        return false;
    }

    /// <summary>When the reflectors next want to be told the time.</summary>
    public Instant Deadline
    {
        get
        {
            var earliest = Instant.Never;
            foreach (var reflector in _all)
            {
                earliest = Instant.Min(earliest, reflector.Deadline);
            }

            return earliest;
        }
    }

    /// <summary>A Pod as last heard of.</summary>
    public Pod? FindPod(ObjectKey key) => _pods.Find(key) as Pod;

    /// <summary>A node that exists.</summary>
    public NodeState? FindNode(string name) => _states.TryGetValue(name, out var state) && state.Node is not null ? state : null;

    /// <summary>Begins to list and watch.</summary>
    public void Start(Instant now, ImmutableArray<Effect>.Builder effects)
    {
        foreach (var reflector in _all)
        {
            reflector.Start(now, effects);
        }
    }

    /// <summary>Looks at the time.</summary>
    public void Tick(Instant now, ImmutableArray<Effect>.Builder effects)
    {
        foreach (var reflector in _all)
        {
            reflector.Tick(now, effects);
        }
    }

    /// <summary>
    /// Takes in an event if it is an answer to one of the reflectors, and adds what changed. The sums and indexes of everything but Pods
    /// are up to date afterwards; what a Pod's change means is the scheduler's to say.
    /// </summary>
    public bool TryHandle(Instant now, AgentEvent happened, ImmutableArray<Effect>.Builder effects, List<ObjectChange> changes)
    {
        foreach (var reflector in _all)
        {
            if (reflector.TryHandle(now, happened, effects, changes))
            {
                foreach (var change in changes)
                {
                    TakeIn(change);
                }

                IsSynced = IsSynced || Array.TrueForAll(_all, each => each.IsSynced);
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the Pod is counted on a node that the API server has not confirmed.</summary>
    public bool IsAssumed(string podUid) => _placements.TryGetValue(podUid, out var placement) && placement.Assumed;

    /// <summary>Counts a Pod on a node: assumed, or as the API server says.</summary>
    public void Place(PodNeeds pod, string node, bool assumed)
    {
        Unplace(pod.Pod.Uid);
        var state = StateOf(node);
        state.Add(pod);
        var placement = new Placement(pod, state, assumed);
        _placements.Add(pod.Pod.Uid, placement);
        _priorities[pod.Priority] = _priorities.GetValueOrDefault(pod.Priority) + 1;
        if (pod.Affinity is not null)
        {
            _withAffinity.Add(pod.Pod.Uid, placement);
        }
    }

    /// <summary>Counts a Pod on no node any more.</summary>
    public bool Unplace(string podUid)
    {
        if (!_placements.Remove(podUid, out var placement))
        {
            return false;
        }

        placement.Node.Remove(placement.Pod);
        _withAffinity.Remove(podUid);
        if (--_priorities[placement.Pod.Priority] is var left && left == 0)
        {
            _priorities.Remove(placement.Pod.Priority);
        }

        if (placement.Node.Node is null && placement.Node.PodCount == 0)
        {
            _states.Remove(placement.Node.Name);
        }

        return true;
    }

    private void TakeIn(ObjectChange change)
    {
        switch (change.Object)
        {
            case Node node:
                TakeInNode(node.Name, change.After as Node);
                break;
            case PersistentVolume:
                VolumeIndex.OnChange(change);
                Volumes.OnChange(change);
                break;
            case PersistentVolumeClaim:
                Claims.OnChange(change);
                break;
            case { Type.Kind: "CSIStorageCapacity" }:
                Capacities.OnChange(change);
                break;
            default:
                break;
        }
    }

    private void TakeInNode(string name, Node? node)
    {
        var state = StateOf(name);
        if (state.Node is null && node is not null)
        {
            _listed.Add(state);
        }

        state.SetNode(node);
        if (node is null)
        {
            _listed.Remove(state);
            if (state.PodCount == 0)
            {
                _states.Remove(name);
            }
        }
    }

    private NodeState StateOf(string name)
    {
        if (!_states.TryGetValue(name, out var state))
        {
            _states.Add(name, state = new NodeState(name));
        }

        return state;
    }

    private sealed record Placement(PodNeeds Pod, NodeState Node, bool Assumed);
}
