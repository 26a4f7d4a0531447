namespace LocalPv.Core.Kubernetes;

/// <summary>A kind of API object and where the API server serves it.</summary>
/// <param name="Group">The API group, empty for the core group.</param>
/// <param name="Version">The version, such as <c>v1</c>.</param>
/// <param name="Plural">The name in paths, lower case, such as <c>persistentvolumeclaims</c>.</param>
/// <param name="Kind">The name in objects, such as <c>PersistentVolumeClaim</c>.</param>
/// <param name="Namespaced">Whether its objects live in namespaces.</param>
public sealed record ResourceType(string Group, string Version, string Plural, string Kind, bool Namespaced)
{
    /// <summary>As objects carry it: <c>v1</c> or <c>group/version</c>.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : Group + "/" + Version;

    /// <summary>As error messages and RBAC name it: <c>plural</c> or <c>plural.group</c>.</summary>
    public string GroupResource => Group.Length == 0 ? Plural : Plural + "." + Group;

    /// <inheritdoc/>
    public override string ToString() => GroupResource;
}

/// <summary>The resource types that LocalPv's own parts read or write.</summary>
public static class ResourceTypes
{
    public static ResourceType Pods { get; } = new("", "v1", "pods", "Pod", true);

    public static ResourceType Nodes { get; } = new("", "v1", "nodes", "Node", false);

    public static ResourceType Namespaces { get; } = new("", "v1", "namespaces", "Namespace", false);

    public static ResourceType PersistentVolumeClaims { get; } =
        new("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", true);

    public static ResourceType PersistentVolumes { get; } = new("", "v1", "persistentvolumes", "PersistentVolume", false);

    public static ResourceType Events { get; } = new("", "v1", "events", "Event", true);

    public static ResourceType StorageClasses { get; } = new("storage.k8s.io", "v1", "storageclasses", "StorageClass", false);

    public static ResourceType CsiStorageCapacities { get; } =
        new("storage.k8s.io", "v1", "csistoragecapacities", "CSIStorageCapacity", true);

    public static ResourceType Leases { get; } = new("coordination.k8s.io", "v1", "leases", "Lease", true);

    public static ResourceType CustomResourceDefinitions { get; } =
        new("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", false);

    public static ResourceType NodeLocalStorages { get; } =
        new("localpv.io", "v1alpha1", "nodelocalstorages", "NodeLocalStorage", false);
}
