using System.Collections.Immutable;
using LocalPv.Core.Kubernetes;
using LocalPv.Fake.Api.Store.Kinds;

namespace LocalPv.Fake.Api.Store;

/// <summary>
/// The kinds that a real server has from the start and that a cluster with local storage meets. Those without rules of their own are
/// plain objects: stored, listed, watched, deleted, not validated.
/// </summary>
internal static class BuiltInKinds
{
    private static readonly ImmutableArray<string> AllCategory = ["all"];

    public static ImmutableArray<KindInfo> All { get; } =
    [
        .. Core(), .. Storage(), .. Workloads(), .. Events(), .. Rbac(), .. Others(),
    ];

    private static IEnumerable<KindInfo> Core()
    {
        yield return new(ResourceTypes.Namespaces, new NamespaceStrategy())
        {
            ShortNames = ["ns"],
            HasStatus = true,
            Subresources = ["finalize"],
            DeletionAnswersObject = true,
            SelectableFields = ["status.phase"],
        };
        yield return new(ResourceTypes.Nodes, new NodeStrategy())
        {
            ShortNames = ["no"],
            HasStatus = true,
            SelectableFields = ["spec.unschedulable"],
        };
        yield return new(ResourceTypes.Pods, new PodStrategy())
        {
            ShortNames = ["po"],
            Categories = AllCategory,
            HasStatus = true,
            CountsGeneration = true,
            DeletionAnswersObject = true,
            Subresources = ["attach", "binding", "eviction", "exec", "log", "portforward"],
            SelectableFields =
            [
                "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork", "status.phase",
                "status.podIP", "status.nominatedNodeName",
            ],
        };
        yield return new(ResourceTypes.PersistentVolumeClaims, new PersistentVolumeClaimStrategy())
        {
            ShortNames = ["pvc"],
            HasStatus = true,
            DeletionAnswersObject = true,
        };
        yield return new(ResourceTypes.PersistentVolumes, new PersistentVolumeStrategy())
        {
            ShortNames = ["pv"],
            HasStatus = true,
            DeletionAnswersObject = true,
        };
        yield return Namespaced("", "v1", "configmaps", "ConfigMap", "cm");
        yield return Namespaced("", "v1", "secrets", "Secret") with { SelectableFields = ["type"] };
        yield return Namespaced("", "v1", "serviceaccounts", "ServiceAccount", "sa") with { DeletionAnswersObject = true };
        yield return Namespaced("", "v1", "services", "Service", "svc") with
        {
            Categories = AllCategory,
            HasStatus = true,
            DeletionAnswersObject = true,
        };
        yield return Namespaced("", "v1", "endpoints", "Endpoints", "ep") with { Singular = "endpoints" };
        yield return Namespaced("", "v1", "resourcequotas", "ResourceQuota", "quota") with
        {
            HasStatus = true,
            DeletionAnswersObject = true,
        };
        yield return Namespaced("", "v1", "limitranges", "LimitRange", "limits");
        yield return Namespaced("", "v1", "replicationcontrollers", "ReplicationController", "rc") with
        {
            Categories = AllCategory,
            HasStatus = true,
            CountsGeneration = true,
        };
    }

    private static IEnumerable<KindInfo> Storage()
    {
        const string Group = "storage.k8s.io";
        yield return new(ResourceTypes.StorageClasses, new StorageClassStrategy())
        {
            ShortNames = ["sc"],
            DeletionAnswersObject = true,
        };
        yield return new(ResourceTypes.CsiStorageCapacities, new CsiStorageCapacityStrategy()) { DeletionAnswersObject = true };
        yield return Cluster(Group, "v1", "csidrivers", "CSIDriver") with { DeletionAnswersObject = true };
        yield return Cluster(Group, "v1", "csinodes", "CSINode") with { DeletionAnswersObject = true };
        yield return Cluster(Group, "v1", "volumeattachments", "VolumeAttachment") with { HasStatus = true, DeletionAnswersObject = true };
    }

    private static IEnumerable<KindInfo> Workloads()
    {
        yield return Namespaced("apps", "v1", "statefulsets", "StatefulSet", "sts") with
        {
            Strategy = new StatefulSetStrategy(),
            Subresources = ["scale"],
            Categories = AllCategory,
            HasStatus = true,
            CountsGeneration = true,
        };
        yield return Namespaced("apps", "v1", "deployments", "Deployment", "deploy") with
        {
            Strategy = new DeploymentStrategy(rollsOut: true),
            Subresources = ["scale"],
            Categories = AllCategory,
            HasStatus = true,
            CountsGeneration = true,
        };
        yield return Namespaced("apps", "v1", "daemonsets", "DaemonSet", "ds") with
        {
            Categories = AllCategory,
            HasStatus = true,
            CountsGeneration = true,
        };
        yield return Namespaced("apps", "v1", "replicasets", "ReplicaSet", "rs") with
        {
            Strategy = new DeploymentStrategy(rollsOut: false),
            Subresources = ["scale"],
            Categories = AllCategory,
            HasStatus = true,
            CountsGeneration = true,
        };
        yield return Namespaced("apps", "v1", "controllerrevisions", "ControllerRevision");
        yield return Namespaced("batch", "v1", "jobs", "Job") with { Categories = AllCategory, HasStatus = true, CountsGeneration = true };
        yield return Namespaced("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", "pdb") with
        {
            HasStatus = true,
            CountsGeneration = true,
        };
        yield return Cluster("scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", "pc") with { CountsGeneration = true };
    }

    private static IEnumerable<KindInfo> Events()
    {
        yield return new(ResourceTypes.Events, new EventStrategy())
        {
            ShortNames = ["ev"],
            // kube-apiserver --event-ttl.
            Life = TimeSpan.FromHours(1),
            SelectableFields =
            [
                "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
                "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason",
                "reportingComponent", "source", "type",
            ],
        };
        yield return Namespaced("events.k8s.io", "v1", "events", "Event", "ev") with
        {
            StoredAs = ResourceTypes.Events,
            SelectableFields =
            [
                "regarding.kind", "regarding.namespace", "regarding.name", "regarding.uid", "regarding.apiVersion",
                "regarding.resourceVersion", "regarding.fieldPath", "reason", "reportingController", "type",
            ],
        };
    }

    private static IEnumerable<KindInfo> Rbac()
    {
        const string Group = "rbac.authorization.k8s.io";
        yield return Cluster(Group, "v1", "clusterroles", "ClusterRole") with { Strategy = new PathNamedStrategy() };
        yield return Cluster(Group, "v1", "clusterrolebindings", "ClusterRoleBinding") with { Strategy = new PathNamedStrategy() };
        yield return Namespaced(Group, "v1", "roles", "Role") with { Strategy = new PathNamedStrategy() };
        yield return Namespaced(Group, "v1", "rolebindings", "RoleBinding") with { Strategy = new PathNamedStrategy() };
    }

    private static IEnumerable<KindInfo> Others()
    {
        yield return new(ResourceTypes.Leases, new LeaseStrategy()) { AllowsUnconditionalUpdate = false };
        yield return new(ResourceTypes.CustomResourceDefinitions, new CustomResourceDefinitionStrategy())
        {
            ShortNames = ["crd", "crds"],
            Categories = ["api-extensions"],
            HasStatus = true,
            CountsGeneration = true,
            AllowsUnconditionalUpdate = false,
            DeletionAnswersObject = true,
        };
        yield return Cluster("admissionregistration.k8s.io", "v1", "validatingadmissionpolicies", "ValidatingAdmissionPolicy") with
        {
            HasStatus = true,
            CountsGeneration = true,
            Categories = ["api-extensions"],
        };
        yield return Cluster(
            "admissionregistration.k8s.io", "v1", "validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding") with
        {
            CountsGeneration = true,
            Categories = ["api-extensions"],
        };
    }

    private static KindInfo Namespaced(string group, string version, string plural, string kind, params string[] shortNames) =>
        new(new ResourceType(group, version, plural, kind, true), KindStrategy.Plain) { ShortNames = [.. shortNames] };

    private static KindInfo Cluster(string group, string version, string plural, string kind, params string[] shortNames) =>
        new(new ResourceType(group, version, plural, kind, false), KindStrategy.Plain) { ShortNames = [.. shortNames] };
}
