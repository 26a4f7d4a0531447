using System.Collections.Immutable;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Sim.Plans;

/// <summary>The objects that a scenario's steps make, as a user would write them.</summary>
internal static class Manifests
{
    internal const string Namespace = "default";

    /// <summary>Every node has this label, unless it is taken off.</summary>
    internal const string DisksLabel = "example.com/disks";

    /// <summary>The namespace that a name in a plan has before it, or the usual one; and the name itself.</summary>
    internal static ObjectKey KeyOf(string name) => name.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash
        ? new ObjectKey(name[..slash], name[(slash + 1)..])
        : new ObjectKey(Namespace, name);

    internal static JsonMap OfPriority(Step.MakePriority step) => JsonMap.Of(
        ("apiVersion", "scheduling.k8s.io/v1"),
        ("kind", "PriorityClass"),
        ("metadata", JsonMap.Of(("name", step.Name))),
        ("value", step.Value));

    internal static JsonMap OfNamespace(string name) => JsonMap.Of(
        ("apiVersion", "v1"),
        ("kind", "Namespace"),
        ("metadata", JsonMap.Of(("name", name))));

    internal static JsonMap StorageClass(Step.MakeClass step, int nodes, int disks)
    {
        var isByLabel = step.IsByLabel;
        var names = isByLabel ? [] : step.Nodes.IsEmpty ? [.. Enumerable.Range(1, nodes).Select(World.Names.Node)] : step.Nodes;
        var numbers = step.Disks.IsEmpty ? [.. Enumerable.Range(1, disks)] : step.Disks;
        var storage = JsonMap.Of(
            ("nodeSelector", isByLabel ? JsonMap.Of((DisksLabel, "yes")) : null),
            ("disks", isByLabel
                ? JsonMap.Of(("match", JsonList.OfTexts(numbers.Select(disk => World.Names.DiskLink("*", disk)))))
                : null),
            ("nodes", isByLabel ? null : new JsonList([.. names.Select(name => (JsonTree)JsonMap.Of(
                ("name", name),
                ("disks", JsonList.OfTexts(numbers.Select(disk => World.Names.DiskLink(name, disk))))))])),
            ("volumeGroup", JsonMap.Of(("name", step.VolumeGroup ?? step.Name), ("extentSize", Text(step.ExtentSize)))),
            ("layout", step.Layout is { } layout ? JsonMap.Of(("type", layout)) : null),
            ("wipe", Text(step.Wipe)),
            ("reserve", Text(step.Reserve)));
        return JsonMap.Of(
            ("apiVersion", "storage.k8s.io/v1"),
            ("kind", "StorageClass"),
            ("metadata", JsonMap.Of(("name", step.Name))),
            ("provisioner", WellKnown.DefaultProvisioner),
            ("volumeBindingMode", "WaitForFirstConsumer"),
            ("reclaimPolicy", step.ReclaimPolicy ?? "Delete"),
            ("allowVolumeExpansion", true),
            ("parameters", JsonMap.Of(
                (WellKnown.StorageParameter, storage.ToString()), (WellKnown.FileSystemParameter, Text(step.FileSystem)))));
    }

    internal static JsonMap Claim(ClaimText claim) => JsonMap.Of(
        ("apiVersion", "v1"),
        ("kind", "PersistentVolumeClaim"),
        ("metadata", Metadata(claim.Name)),
        ("spec", ClaimSpec(claim)));

    internal static JsonMap Pod(Step.MakePod step) => JsonMap.Of(
        ("apiVersion", "v1"),
        ("kind", "Pod"),
        ("metadata", Metadata(step.Name)),
        ("spec", PodSpec(step.Claims, claim => claim.Name, step.Cpu)
            .With("nodeName", step.Node)
            .With("priorityClassName", Text(step.Priority))
            .With("volumes", new JsonList([.. step.Claims.Select(claim => (JsonTree)JsonMap.Of(
                ("name", claim.Name),
                ("persistentVolumeClaim", JsonMap.Of(("claimName", claim.Name)))))]))));

    internal static JsonMap StatefulSet(Step.MakeStatefulSet step)
    {
        var name = KeyOf(step.Name).Name;
        var labels = JsonMap.Of(("app", name));
        return JsonMap.Of(
            ("apiVersion", "apps/v1"),
            ("kind", "StatefulSet"),
            ("metadata", Metadata(step.Name)),
            ("spec", JsonMap.Of(
                ("serviceName", name),
                ("replicas", step.Replicas),
                ("selector", JsonMap.Of(("matchLabels", labels))),
                ("template", JsonMap.Of(
                    ("metadata", JsonMap.Of(("labels", labels))),
                    ("spec", PodSpec(step.Claims, claim => claim.Name)))),
                ("volumeClaimTemplates", new JsonList([.. step.Claims.Select(claim => (JsonTree)JsonMap.Of(
                    ("metadata", JsonMap.Of(("name", claim.Name))),
                    ("spec", ClaimSpec(claim))))])))));
    }

    private static JsonMap Metadata(string name) =>
        KeyOf(name) is var key ? JsonMap.Of(("name", key.Name), ("namespace", key.Namespace)) : JsonMap.Empty;

    private static JsonText? Text(string? text) => text is null ? null : new JsonText(text);

    private static JsonMap ClaimSpec(ClaimText claim) => JsonMap.Of(
        ("accessModes", JsonList.Of("ReadWriteOnce")),
        ("storageClassName", claim.Class),
        ("resources", JsonMap.Of(("requests", JsonMap.Of(("storage", claim.Size))))));

    private static JsonMap PodSpec(
        ImmutableArray<ClaimText> claims, Func<ClaimText, string> volume, string? cpu = null) => JsonMap.Of(
        ("containers", JsonList.Of(JsonMap.Of(
            ("name", "main"),
            ("image", "registry.example/main:1"),
            ("resources", cpu is null ? null : JsonMap.Of(("requests", JsonMap.Of(("cpu", cpu))))),
            ("volumeMounts", new JsonList([.. claims.Select(claim => (JsonTree)JsonMap.Of(
                ("name", volume(claim)),
                ("mountPath", "/" + claim.Name)))]))))));
}
