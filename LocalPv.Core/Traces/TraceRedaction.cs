using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Core.Traces;

/// <summary>
/// What a trace leaves out of objects: what may be secret (the content of Secrets and ConfigMaps, the containers of Pods with their
/// environment, annotations of others than Kubernetes and LocalPv) and what is only large (managed fields, a node's images). No agent
/// reads it, so that a replay does not miss it.
/// </summary>
public static class TraceRedaction
{
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    private static readonly string[] Containers = ["containers", "initContainers", "ephemeralContainers"];

    /// <summary>An object, or a change of one, without what is left out.</summary>
    public static JsonMap Of(ResourceType type, JsonMap tree)
    {
        if (tree.Map("metadata") is { } metadata)
        {
            metadata = metadata.Without("managedFields");
            if (metadata.Map("annotations") is { } annotations)
            {
                metadata = metadata.With(
                    "annotations", JsonMap.FromDistinct(annotations.Where(annotation => IsOfTheSystem(annotation.Key))));
            }

            tree = tree.With("metadata", metadata);
        }

        return type.Kind switch
        {
            "Secret" or "ConfigMap" => tree.Without("data").Without("stringData").Without("binaryData"),
            "Pod" when tree.Map("spec") is { } spec => tree.With(
                "spec", Containers.Aggregate(spec, (left, containers) => left.Without(containers))),
            "Node" when tree.Map("status") is { } status => tree.With("status", status.Without("images")),
            _ => tree,
        };
    }

    private static bool IsOfTheSystem(string annotation)
    {
        var slash = annotation.IndexOf('/', StringComparison.Ordinal);
        var domain = slash < 0 ? "" : annotation[..slash];
        return annotation != LastApplied
            && (IsOrIsBelow(domain, "kubernetes.io") || IsOrIsBelow(domain, "k8s.io") || IsOrIsBelow(domain, "localpv.io"));
    }

    private static bool IsOrIsBelow(string domain, string parent) =>
        domain == parent || domain.EndsWith("." + parent, StringComparison.Ordinal);
}
