using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Core.Provisioning;

/// <summary>What a claim asks for, as far as we can give it.</summary>
/// <param name="Size">How much.</param>
/// <param name="Error">Why no node can give it, for a person; empty where one could.</param>
public readonly record struct ClaimWish(Bytes Size, string Error)
{
    /// <summary>Reads a claim's request.</summary>
    public static ClaimWish Read(PersistentVolumeClaim claim)
    {
        if (!Quantity.TryParse(claim.RequestedStorage, out var size, out var error))
        {
            return new(Bytes.Zero, $"spec.resources.requests.storage: {error}");
        }

        var spec = claim.Tree.Map("spec") ?? JsonMap.Empty;
        return size == Bytes.Zero ? new(size, "spec.resources.requests.storage: a claim of zero bytes cannot be served.")
            : spec.Contains("selector") ? new(size, "spec.selector: volumes are made for claims, not chosen by label. Remove it.")
            : spec.Contains("dataSource") || spec.Contains("dataSourceRef")
                ? new(size, "spec.dataSource: volumes start empty; clones and snapshots are not supported. Remove it.")
            : spec.Text("volumeAttributesClassName") is { Length: > 0 } wished
                ? new(size, $"spec.volumeAttributesClassName: {wished} is not known; volumes have no such attributes, and one would never "
                    + "be bound to the claim. Remove it.")
            : new(size, "");
    }
}
