using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Core.Kubernetes;

/// <summary>
/// What an agent keeps of the objects it watches: what it reads, and what a write of it must carry. The rest of a cluster's objects is
/// most of their size (a node names every image it holds, every object who wrote which field), and would be held once for each object.
/// </summary>
public static class KeptFields
{
    /// <summary>
    /// The key of the record of who wrote which field: more than half of most objects, and nobody here reads it.
    /// </summary>
    public static ReadOnlySpan<byte> Ownership => "managedFields"u8;

    private static readonly string[] OfNodeSpec = ["unschedulable"];
    private static readonly string[] OfNodeStatus = ["nodeInfo"];
    private static readonly string[] OfPodSpec = ["nodeName", "volumes"];
    private static readonly string[] OfPodStatus = ["phase"];

    // Set by clients for themselves; kubectl keeps the whole applied manifest there.
    private const string AppliedAnnotation = "kubectl.kubernetes.io/last-applied-configuration";

    // There are many claims that are nobody's concern here, and operators of databases write long texts on theirs.
    private static readonly string[] OfClaimAnnotations =
    [
        WellKnown.SelectedNodeAnnotation, WellKnown.StorageProvisionerAnnotation, WellKnown.BetaStorageProvisionerAnnotation,
        WellKnown.BindCompletedAnnotation, WellKnown.BoundByControllerAnnotation, WellKnown.FailedOnAnnotation, WellKnown.LostAnnotation,
    ];

    /// <summary>
    /// <paramref name="received"/> without what no agent reads: the record of who wrote which field, which a server that is not told of
    /// it keeps (<c>apimachinery/pkg/util/managedfields</c>); of Nodes and Pods all but a few fields; of claims the labels, the
    /// owners and the annotations of others, since claims are only ever patched. The same instance where nothing is dropped.
    /// </summary>
    public static KubernetesObject Of(KubernetesObject received)
    {
        if (received.Kept is { } known)
        {
            return known;
        }

        var kept = Trim(received);
        kept.Kept = kept;
        return received.Kept = kept;
    }

    private static KubernetesObject Trim(KubernetesObject received)
    {
        var tree = received.Tree;
        var metadata = received.Metadata.Without("managedFields");
        if (received is PersistentVolumeClaim)
        {
            metadata = Only(metadata, "annotations", OfClaimAnnotations).Without("labels").Without("ownerReferences");
        }
        else if (received.Annotations.Contains(AppliedAnnotation))
        {
            metadata = metadata.With("annotations", received.Annotations.Without(AppliedAnnotation));
        }

        var kept = ReferenceEquals(metadata, received.Metadata) ? tree : tree.With("metadata", metadata);
        kept = received switch
        {
            Node => Only(Only(kept, "spec", OfNodeSpec), "status", OfNodeStatus),
            Pod => Only(Only(kept, "spec", OfPodSpec), "status", OfPodStatus),
            _ => kept,
        };
        return ReferenceEquals(kept, tree) ? received : KubernetesObject.Read(received.Type, kept);
    }

    private static JsonMap Only(JsonMap tree, string part, string[] keys)
    {
        if (tree.Map(part) is not { } whole)
        {
            return tree;
        }

        var kept = new List<KeyValuePair<string, JsonTree>>();
        foreach (var entry in whole.AsSpan())
        {
            if (Array.IndexOf(keys, entry.Key) >= 0)
            {
                kept.Add(entry);
            }
        }

        return kept.Count == whole.Count ? tree : tree.With(part, JsonMap.FromDistinct(kept));
    }
}
