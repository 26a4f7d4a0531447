using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.EndToEnd.Tests.Deploy;

/// <summary>Objects as any API server takes them.</summary>
internal static class PlainObjects
{
    /// <summary>A Node that nobody runs: ready, with room for many Pods.</summary>
    public static JsonMap Node(string name, string group = "true", string machine = "") => Json(
        $$$"""
        {"apiVersion":"v1","kind":"Node","metadata":{"name":"{{{name}}}","labels":{"kubernetes.io/hostname":"{{{name}}}",
          "localpv.io/e2e":"{{{group}}}"}},"spec":{},
         "status":{"nodeInfo":{"systemUUID":"{{{machine}}}"},
          "capacity":{"cpu":"64","memory":"64Gi","pods":"500"},"allocatable":{"cpu":"64","memory":"64Gi","pods":"500"},
          "conditions":[{"type":"Ready","status":"True","reason":"Plain","message":"an object without a machine",
           "lastHeartbeatTime":"2026-01-01T00:00:00Z","lastTransitionTime":"2026-01-01T00:00:00Z"}]}}
        """);

    /// <summary>A claim in the namespace default.</summary>
    public static JsonMap Claim(string name, string size, string storageClass, string space = "default") => Json(
        $$$"""
        {"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"{{{name}}}","namespace":"{{{space}}}"},
         "spec":{"accessModes":["ReadWriteOnce"],
          "storageClassName":"{{{storageClass}}}","resources":{"requests":{"storage":"{{{size}}}"} } } }
        """);

    /// <summary>A Pod with the claim of its own name, which tolerates everything.</summary>
    public static JsonMap Pod(string name, string space = "default") => Json(
        $$$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{name}}}","namespace":"{{{space}}}"},
         "spec":{"containers":[{"name":"c","image":"registry.k8s.io/pause:3.10"}],"tolerations":[{"operator":"Exists"}],
          "volumes":[{"name":"v","persistentVolumeClaim":{"claimName":"{{{name}}}"}}]}}
        """);

    /// <summary>A Pod with some claims, mounted or as they are, which tolerates everything.</summary>
    public static JsonMap Pod(string name, string space, IReadOnlyList<string> claims, bool block)
    {
        var uses = claims.Select((_, index) => JsonMap.Of(("name", $"v{index}"), (block ? "devicePath" : "mountPath", $"/v{index}")));
        var container = JsonMap.Of(
            ("name", "c"),
            ("image", "registry.k8s.io/pause:3.10"),
            (block ? "volumeDevices" : "volumeMounts", JsonList.Of([.. uses])));
        return Pod(name, space)
            .WithAt(["spec", "volumes"], JsonList.Of([.. claims.Select((claim, index) => JsonMap.Of(
                ("name", $"v{index}"), ("persistentVolumeClaim", JsonMap.Of(("claimName", claim)))))]))
            .WithAt(["spec", "containers"], JsonList.Of(container));
    }

    /// <summary>A namespace.</summary>
    public static JsonMap Namespace(string name) => JsonMap.Of(
        ("apiVersion", "v1"), ("kind", "Namespace"), ("metadata", JsonMap.Of(("name", name))));

    private static JsonMap Json(string text) => (JsonMap)JsonTree.Parse(text);
}
