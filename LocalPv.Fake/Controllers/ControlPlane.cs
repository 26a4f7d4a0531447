using System.Collections.Immutable;
using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Fake.Api.Store;
using LocalPv.Fake.Controllers.Deployments;
using LocalPv.Fake.Controllers.Ephemeral;
using LocalPv.Fake.Controllers.GarbageCollection;
using LocalPv.Fake.Controllers.Kubelets;
using LocalPv.Fake.Controllers.Machinery;
using LocalPv.Fake.Controllers.Namespaces;
using LocalPv.Fake.Controllers.Nodes;
using LocalPv.Fake.Controllers.PersistentVolumes;
using LocalPv.Fake.Controllers.Protection;
using LocalPv.Fake.Controllers.StatefulSets;

namespace LocalPv.Fake.Controllers;

/// <summary>Which parts of a cluster are to be there, and how they behave.</summary>
public sealed record ControlPlaneOptions
{
    /// <summary>The PV controller.</summary>
    public PersistentVolumeControllerOptions PersistentVolumes { get; init; } = new();

    /// <summary>All other controllers.</summary>
    public ControllerOptions Controllers { get; init; } = new();

    /// <summary>
    /// The types whose objects the garbage collector and the deletion of namespaces know, in the order in which namespaces are emptied.
    /// Custom types may be among them before they are defined.
    /// </summary>
    public ImmutableArray<ResourceType> Types { get; init; } =
    [
        WorkloadTypes.Deployments, WorkloadTypes.StatefulSets, WorkloadTypes.ReplicaSets, ResourceTypes.Pods,
        ResourceTypes.PersistentVolumeClaims, ResourceTypes.PersistentVolumes, ResourceTypes.Nodes,
        ResourceTypes.StorageClasses, ResourceTypes.CsiStorageCapacities,
        ResourceTypes.Leases, WorkloadTypes.ConfigMaps, WorkloadTypes.Secrets, WorkloadTypes.Services, ResourceTypes.NodeLocalStorages,
    ];

    /// <summary>
    /// How long a node may be silent until it is no longer taken to be ready (<c>nodeMonitorGracePeriod</c>): several times
    /// <see cref="KubeletOptions.LeasePeriod"/>.
    /// </summary>
    public TimeSpan NodeGrace { get; init; } = TimeSpan.FromSeconds(50);

    /// <summary>How often it is looked for Pods that nobody else takes away (<c>gcCheckPeriod</c>).</summary>
    public TimeSpan PodCheckPeriod { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The nodes, each with its kubelet.</summary>
    public ImmutableArray<KubeletOptions> Kubelets { get; init; } = [];
}

/// <summary>One process of the cluster: an agent, and a name that tells it from the others.</summary>
public sealed record NamedAgent(string Name, IAgent Agent)
{
    /// <summary>Which changes say anything to it, of those that its watches tell; null for all. A driver may leave out others.</summary>
    public Func<Change, bool>? LearnsFrom { get; init; }
}

/// <summary>Everything around LocalPv that a cluster runs beside the API server and the scheduler.</summary>
public static class ControlPlane
{
    /// <summary>
    /// The agents, each in its first state: those of kube-controller-manager, then one <c>kubelet/node</c> for each node. Each needs a
    /// driver of its own; kubelets that mount devices need a <see cref="KubeletEffectRunner"/>.
    /// </summary>
    public static ImmutableArray<NamedAgent> CreateAgents(ControlPlaneOptions options) =>
    [
        .. CreateControllers(options),
        .. options.Kubelets.Select(kubelet => new NamedAgent("kubelet/" + kubelet.NodeName.Value, new Kubelet(kubelet))),
    ];

    /// <summary>The agents of kube-controller-manager alone.</summary>
    public static ImmutableArray<NamedAgent> CreateControllers(ControlPlaneOptions options) =>
    [
        Make("persistentvolume-controller", new PersistentVolumeController(options.PersistentVolumes)),
        Make("pvc-protection-controller", new ClaimProtectionController(options.Controllers)),
        Make("pv-protection-controller", new VolumeProtectionController(options.Controllers)),
        Make("ephemeral-volume-controller", new EphemeralVolumeController(options.Controllers), EphemeralVolumeController.LearnsFrom),
        Make("statefulset-controller", new StatefulSetController(options.Controllers)),
        Make("deployment-controller", new DeploymentController(options.Controllers)),
        Make("replicaset-controller", new ReplicaSetController(options.Controllers)),
        Make("node-lifecycle-controller", new NodeLifecycleController(options.Controllers, options.NodeGrace)),
        Make("taint-eviction-controller", new TaintEvictionController(options.Controllers)),
        Make("pod-garbage-collector", new PodGarbageCollector(options.Controllers, options.PodCheckPeriod)),
        Make("garbage-collector-controller", new GarbageCollector(options.Controllers, options.Types), GarbageCollector.LearnsFrom),
        Make("namespace-controller", new NamespaceController(options.Controllers, [.. options.Types, ResourceTypes.Events])),
    ];

    private static NamedAgent Make(string name, IAgent agent, Func<Change, bool>? learnsFrom = null) =>
        new(name, agent) { LearnsFrom = learnsFrom ?? PodConditions.IsNewsToControllers };
}
