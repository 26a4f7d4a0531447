using LocalPv.Core.Kubernetes.Json;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Fake.Api.Rest;

/// <summary>What a bookmark carries beside its version: the fields that a kind's empty object is written with.</summary>
internal static class EmptyObjects
{
    private static readonly JsonMap SpecAndStatus = JsonMap.Of(("spec", JsonMap.Empty), ("status", JsonMap.Empty));

    public static JsonMap Of(KindInfo kind) => (kind.Type.Group, kind.Type.Plural) switch
    {
        ("", "persistentvolumeclaims") => SpecAndStatus.With("spec", JsonMap.Of(("resources", JsonMap.Empty))),
        ("", "pods") => SpecAndStatus.With("spec", JsonMap.Of(("containers", JsonNull.Instance))),
        ("", "persistentvolumes" or "nodes" or "namespaces" or "services") => SpecAndStatus,
        ("coordination.k8s.io", "leases") => JsonMap.Of(("spec", JsonMap.Empty)),
        ("storage.k8s.io", "storageclasses") => JsonMap.Of(("provisioner", "")),
        ("storage.k8s.io", "csistoragecapacities") => JsonMap.Of(("storageClassName", "")),
        _ => JsonMap.Empty,
    };
}
