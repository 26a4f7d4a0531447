using LocalPv.Core.Kubernetes;

namespace LocalPv.Fake.Controllers.Machinery;

/// <summary>The types of workloads that the controllers know and LocalPv itself does not need.</summary>
public static class WorkloadTypes
{
    public static ResourceType StatefulSets { get; } = new("apps", "v1", "statefulsets", "StatefulSet", true);

    public static ResourceType Deployments { get; } = new("apps", "v1", "deployments", "Deployment", true);

    public static ResourceType ReplicaSets { get; } = new("apps", "v1", "replicasets", "ReplicaSet", true);

    public static ResourceType ConfigMaps { get; } = new("", "v1", "configmaps", "ConfigMap", true);

    public static ResourceType Secrets { get; } = new("", "v1", "secrets", "Secret", true);

    public static ResourceType Services { get; } = new("", "v1", "services", "Service", true);
}
