using System.Collections.Immutable;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Sim.WhatIf;

/// <summary>
/// The objects of <c>kubectl get … -o yaml</c> and of manifests: lists are opened, sets become their Pods and claims, and what a server
/// would fill in is filled in.
/// </summary>
internal static class ClusterFile
{
    private static readonly ImmutableArray<ResourceType> Types =
    [
        ResourceTypes.Nodes, ResourceTypes.NodeLocalStorages, ResourceTypes.StorageClasses, ResourceTypes.PersistentVolumeClaims,
        ResourceTypes.PersistentVolumes, ResourceTypes.Pods,
    ];

    internal static ImmutableArray<KubernetesObject> Read(IEnumerable<JsonTree> documents)
    {
        var found = new SortedDictionary<string, KubernetesObject>(StringComparer.Ordinal);
        foreach (var map in documents.OfType<JsonMap>().SelectMany(Open))
        {
            if (Types.FirstOrDefault(type => type.Kind == map.Text("kind")) is { } type)
            {
                var read = KubernetesObject.Read(type, Complete(type, map));
                found.TryAdd($"{type.Kind} {read.Key}", read);
            }
        }

        return [.. found.Values];
    }

    private static IEnumerable<JsonMap> Open(JsonMap map) => map.Text("kind") switch
    {
        "List" => (map.List("items")?.Maps() ?? []).SelectMany(Open),
        "StatefulSet" => Replicas(map),
        _ => [map],
    };

    private static JsonMap Complete(ResourceType type, JsonMap map)
    {
        var metadata = map.Map("metadata") ?? JsonMap.Empty;
        var inNamespace = type.Namespaced ? metadata.Text("namespace") ?? "default" : null;
        var name = metadata.Text("name") ?? "";
        return map.With("metadata", metadata
            .With("namespace", inNamespace)
            .With("uid", metadata.Text("uid") ?? NewUid($"new-{type.Kind}-{inNamespace}-{name}"))
            .With("resourceVersion", metadata.Text("resourceVersion") ?? "1"));
    }

    private static string NewUid(string name) =>
        new string([.. name.Where(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-').TakeLast(60)]).Trim('-');

    // The names are those that the StatefulSet controller gives.
    private static IEnumerable<JsonMap> Replicas(JsonMap set)
    {
        var metadata = set.Map("metadata") ?? JsonMap.Empty;
        var template = set.Map("spec")?.Map("template") ?? JsonMap.Empty;
        var templates = set.Map("spec")?.List("volumeClaimTemplates")?.Maps().ToArray() ?? [];
        for (var replica = 0L; replica < (set.Map("spec")?.Number("replicas") ?? 1); replica++)
        {
            var name = $"{metadata.Text("name")}-{replica}";
            var volumes = (template.Map("spec")?.List("volumes")?.Maps() ?? []).Cast<JsonTree>().ToList();
            foreach (var claim in templates)
            {
                var volume = claim.Map("metadata")?.Text("name") ?? "";
                var claimName = $"{volume}-{name}";
                volumes.Add(JsonMap.Of(("name", volume), ("persistentVolumeClaim", JsonMap.Of(("claimName", claimName)))));
                yield return claim
                    .With("kind", "PersistentVolumeClaim")
                    .With("metadata", JsonMap.Of(("name", claimName), ("namespace", metadata.Text("namespace") ?? "default")));
            }

            yield return JsonMap.Of(
                ("kind", "Pod"),
                ("metadata", JsonMap.Of(("name", name), ("namespace", metadata.Text("namespace") ?? "default"))),
                ("spec", (template.Map("spec") ?? JsonMap.Empty).With("volumes", new JsonList([.. volumes]))));
        }
    }
}
