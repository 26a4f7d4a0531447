using System.Collections.Immutable;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Sim.Plans;

/// <summary>The objects that a scenario's steps make, as a user would write them.</summary>
internal static class Manifests
{
    internal const string Namespace = "default";

    internal static JsonMap StorageClass(Step.MakeClass step, int nodes, int disks)
    {
        var names = step.Nodes.IsEmpty ? [.. Enumerable.Range(1, nodes).Select(World.Names.Node)] : step.Nodes;
        var numbers = step.Disks.IsEmpty ? [.. Enumerable.Range(1, disks)] : step.Disks;
        var storage = JsonMap.Of(
            ("nodes", new JsonList([.. names.Select(name => (JsonTree)JsonMap.Of(
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
            ("parameters", JsonMap.Of((WellKnown.StorageParameter, storage.ToString()))));
    }

    internal static JsonMap Claim(ClaimText claim) => JsonMap.Of(
        ("apiVersion", "v1"),
        ("kind", "PersistentVolumeClaim"),
        ("metadata", JsonMap.Of(("name", claim.Name), ("namespace", Namespace))),
        ("spec", ClaimSpec(claim)));

    internal static JsonMap Pod(Step.MakePod step) => JsonMap.Of(
        ("apiVersion", "v1"),
        ("kind", "Pod"),
        ("metadata", JsonMap.Of(("name", step.Name), ("namespace", Namespace))),
        ("spec", PodSpec(step.Claims, claim => claim.Name)
            .With("nodeName", step.Node)
            .With("volumes", new JsonList([.. step.Claims.Select(claim => (JsonTree)JsonMap.Of(
                ("name", claim.Name),
                ("persistentVolumeClaim", JsonMap.Of(("claimName", claim.Name)))))]))));

    internal static JsonMap StatefulSet(Step.MakeStatefulSet step)
    {
        var labels = JsonMap.Of(("app", step.Name));
        return JsonMap.Of(
            ("apiVersion", "apps/v1"),
            ("kind", "StatefulSet"),
            ("metadata", JsonMap.Of(("name", step.Name), ("namespace", Namespace))),
            ("spec", JsonMap.Of(
                ("serviceName", step.Name),
                ("replicas", step.Replicas),
                ("selector", JsonMap.Of(("matchLabels", labels))),
                ("template", JsonMap.Of(
                    ("metadata", JsonMap.Of(("labels", labels))),
                    ("spec", PodSpec(step.Claims, claim => claim.Name)))),
                ("volumeClaimTemplates", new JsonList([.. step.Claims.Select(claim => (JsonTree)JsonMap.Of(
                    ("metadata", JsonMap.Of(("name", claim.Name))),
                    ("spec", ClaimSpec(claim))))])))));
    }

    private static JsonText? Text(string? text) => text is null ? null : new JsonText(text);

    private static JsonMap ClaimSpec(ClaimText claim) => JsonMap.Of(
        ("accessModes", JsonList.Of("ReadWriteOnce")),
        ("storageClassName", claim.Class),
        ("resources", JsonMap.Of(("requests", JsonMap.Of(("storage", claim.Size))))));

    private static JsonMap PodSpec(ImmutableArray<ClaimText> claims, Func<ClaimText, string> volume) => JsonMap.Of(
        ("containers", JsonList.Of(JsonMap.Of(
            ("name", "main"),
            ("image", "registry.example/main:1"),
            ("volumeMounts", new JsonList([.. claims.Select(claim => (JsonTree)JsonMap.Of(
                ("name", volume(claim)),
                ("mountPath", "/" + claim.Name)))]))))));
}
