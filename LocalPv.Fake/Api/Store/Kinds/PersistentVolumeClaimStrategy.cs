using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Api.Store.Kinds;

/// <summary>Claims. Source: pkg/registry/core/persistentvolumeclaim, pkg/apis/core/validation.</summary>
internal sealed class PersistentVolumeClaimStrategy : KindStrategy
{
    /// <inheritdoc/>
    public override JsonMap Default(JsonMap body) =>
        body.Map("spec") is { } spec && !spec.Contains("volumeMode")
            ? body.With("spec", spec.With("volumeMode", "Filesystem"))
            : body;

    /// <inheritdoc/>
    public override JsonMap PrepareForCreate(Instant now, JsonMap body) =>
        Finalizers.With(body, "kubernetes.io/pvc-protection").With("status", JsonMap.Of(("phase", "Pending")));
}
