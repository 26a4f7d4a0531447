using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Api.Store.Kinds;

/// <summary>Volumes. Source: pkg/registry/core/persistentvolume, pkg/apis/core/validation.</summary>
internal sealed class PersistentVolumeStrategy : KindStrategy
{
    /// <inheritdoc/>
    public override JsonMap Default(JsonMap body)
    {
        if (body.Map("spec") is not { } spec)
        {
            return body;
        }

        var filled = spec.Contains("volumeMode") ? spec : spec.With("volumeMode", "Filesystem");
        filled = filled.Contains("persistentVolumeReclaimPolicy") ? filled : filled.With("persistentVolumeReclaimPolicy", "Retain");
        return body.With("spec", filled);
    }

    /// <inheritdoc/>
    public override JsonMap PrepareForCreate(Instant now, JsonMap body) =>
        Finalizers.With(body, "kubernetes.io/pv-protection")
            .With("status", JsonMap.Of(("phase", "Pending"), ("lastPhaseTransitionTime", now.ToRfc3339())));

    /// <inheritdoc/>
    public override JsonMap PrepareForUpdate(Instant now, JsonMap body, JsonMap old, string subresource)
    {
        var phase = body.At("status", "phase");
        return subresource == "status" && phase is not null && !phase.Equals(old.At("status", "phase"))
            && Equals(body.At("status", "lastPhaseTransitionTime"), old.At("status", "lastPhaseTransitionTime"))
            ? body.WithAt(["status", "lastPhaseTransitionTime"], now.ToRfc3339())
            : body;
    }
}
