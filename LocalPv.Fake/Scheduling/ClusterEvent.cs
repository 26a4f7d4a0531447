using LocalPv.Core.Kubernetes;

namespace LocalPv.Fake.Scheduling;

/// <summary>What kind of object an event is about, as the queueing hints tell them apart.</summary>
internal enum ClusterResource
{
    UnscheduledPod,
    AssignedPod,
    Node,
    PersistentVolume,
    PersistentVolumeClaim,
    StorageClass,
    CsiStorageCapacity,
    CsiDriver,
}

/// <summary>What happened to it.</summary>
[Flags]
internal enum ClusterAction
{
    Add = 1,
    Delete = 2,
    Update = 4,
    NodeAllocatable = 8,
    NodeLabel = 16,
    NodeTaint = 32,
    NodeCondition = 64,
    NodeAnnotation = 128,
    PodLabel = 256,
    PodScaleDown = 512,
    PodToleration = 1024,
    PodGates = 2048,
    PodOther = 4096,
}

/// <summary>One event that may wake Pods (<c>pkg/scheduler/framework/events.go</c>).</summary>
internal readonly record struct ClusterEvent(
    ClusterResource Resource, ClusterAction Action, KubernetesObject? Before, KubernetesObject? After);
