using System.Collections.Immutable;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Scheduling;

/// <summary>A node and the sums over the Pods on it, kept up to date with each Pod that comes or goes.</summary>
internal sealed class NodeState(string name)
{
    private readonly SortedDictionary<string, int> _podsByController = new(StringComparer.Ordinal);

    /// <summary>Its name.</summary>
    public string Name { get; } = name;

    /// <summary>The Node object; null while only Pods on it are known.</summary>
    public Node? Node { get; private set; }

    /// <summary>What Pods may ask for in all.</summary>
    public ResourceAmounts Allocatable { get; private set; } = ResourceAmounts.None;

    /// <summary>How many Pods it may hold.</summary>
    public long PodsMax { get; private set; }

    /// <summary>Its taints.</summary>
    public ImmutableArray<Taint> Taints { get; private set; } = [];

    /// <summary>What the Pods on it ask for.</summary>
    public ResourceAmounts Requested { get; private set; } = ResourceAmounts.None;

    /// <summary>CPU asked for, for scoring.</summary>
    public long NonZeroCpu { get; private set; }

    /// <summary>Memory asked for, for scoring.</summary>
    public long NonZeroMemory { get; private set; }

    /// <summary>How many Pods are on it.</summary>
    public int PodCount { get; private set; }

    /// <summary>Takes in a version of the Node, or its deletion.</summary>
    public void SetNode(Node? node)
    {
        Node = node;
        var allocatable = node?.Tree.At("status", "allocatable") as JsonMap;
        Allocatable = ResourceAmounts.Read(allocatable);
        PodsMax = ResourceQuantity.Units(allocatable?["pods"]);
        Taints = node is null ? [] : Taint.ReadAll(node.Tree);
    }

    /// <summary>A Pod is on the node, or is assumed to be.</summary>
    public void Add(PodNeeds pod)
    {
        Requested = Requested.Plus(pod.Requests);
        NonZeroCpu += pod.NonZeroCpu;
        NonZeroMemory += pod.NonZeroMemory;
        PodCount++;
        if (pod.ControllerUid is { } controller)
        {
            _podsByController[controller] = _podsByController.GetValueOrDefault(controller) + 1;
        }
    }

    /// <summary>A Pod has left the node.</summary>
    public void Remove(PodNeeds pod)
    {
        Requested = Requested.Minus(pod.Requests);
        NonZeroCpu -= pod.NonZeroCpu;
        NonZeroMemory -= pod.NonZeroMemory;
        PodCount--;
        if (pod.ControllerUid is { } controller)
        {
            var left = _podsByController[controller] - 1;
            if (left == 0)
            {
                _podsByController.Remove(controller);
            }
            else
            {
                _podsByController[controller] = left;
            }
        }
    }

    /// <summary>How many Pods of this controller are on it.</summary>
    public int PodsOf(string controllerUid) => _podsByController.GetValueOrDefault(controllerUid);

    /// <summary>The same node with the same sums, to try something out on.</summary>
    public NodeState Copy()
    {
        var copy = new NodeState(Name)
        {
            Node = Node,
            Allocatable = Allocatable,
            PodsMax = PodsMax,
            Taints = Taints,
            Requested = Requested,
            NonZeroCpu = NonZeroCpu,
            NonZeroMemory = NonZeroMemory,
            PodCount = PodCount,
        };
        foreach (var (controller, count) in _podsByController)
        {
            copy._podsByController.Add(controller, count);
        }

        return copy;
    }

    /// <summary>A node as an extender sent it back: nothing on it, as far as the scheduler then knows.</summary>
    public static NodeState Blank(Node node)
    {
        var state = new NodeState(node.Name);
        state.SetNode(node);
        return state;
    }
}
