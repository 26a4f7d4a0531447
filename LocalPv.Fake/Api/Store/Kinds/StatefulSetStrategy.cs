using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Api.Store.Kinds;

/// <summary>Stateful sets. Source: pkg/registry/apps/statefulset, pkg/apis/apps/validation.</summary>
internal sealed class StatefulSetStrategy : KindStrategy
{
    private static readonly string[] Mutable =
    [
        "replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit", "persistentVolumeClaimRetentionPolicy",
        "minReadySeconds",
    ];

    /// <inheritdoc/>
    public override JsonMap Default(JsonMap body)
    {
        if (body.Map("spec") is not { } spec)
        {
            return body;
        }

        spec = spec
            .With("replicas", spec["replicas"] ?? 1)
            .With("podManagementPolicy", spec["podManagementPolicy"] ?? "OrderedReady")
            .With("revisionHistoryLimit", spec["revisionHistoryLimit"] ?? 10)
            .With("serviceName", spec["serviceName"] ?? "")
            .With("updateStrategy", spec["updateStrategy"] ?? JsonMap.Of(
                ("type", "RollingUpdate"), ("rollingUpdate", JsonMap.Of(("partition", 0)))))
            .With("persistentVolumeClaimRetentionPolicy", spec["persistentVolumeClaimRetentionPolicy"] ?? JsonMap.Of(
                ("whenDeleted", "Retain"), ("whenScaled", "Retain")));
        if (spec.Map("template") is { } template && template.Map("spec") is { } podSpec)
        {
            spec = spec.With("template", template.With("spec", PodDefaults.FillTemplate(podSpec)));
        }

        if (spec.List("volumeClaimTemplates") is { } claims)
        {
            spec = spec.With("volumeClaimTemplates", new JsonList([.. claims.Items.Select(FillClaim)]));
        }

        return body.With("spec", spec);
    }

    /// <inheritdoc/>
    public override JsonMap PrepareForCreate(Instant now, JsonMap body) =>
        body.With("status", JsonMap.Of(("replicas", 0), ("availableReplicas", 0)));

    /// <inheritdoc/>
    public override void Validate(JsonMap body, JsonMap? old, FieldErrors errors)
    {
        var spec = body.Map("spec") ?? JsonMap.Empty;
        if (ReferenceEquals(spec, old?["spec"]))
        {
            return;
        }

        WorkloadRules.Validate(spec, errors);
    }

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonMap body, JsonMap old, string subresource, FieldErrors errors)
    {
        var (spec, before) = (body.Map("spec") ?? JsonMap.Empty, old.Map("spec") ?? JsonMap.Empty);
        foreach (var key in Mutable)
        {
            (spec, before) = (spec.Without(key), before.Without(key));
        }

        if (!spec.Equals(before))
        {
            errors.Forbidden(
                "spec",
                "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
                + "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden");
        }
    }

    private static JsonTree FillClaim(JsonTree item)
    {
        if (item is not JsonMap claim)
        {
            return item;
        }

        claim = claim.With("apiVersion", claim["apiVersion"] ?? "v1").With("kind", claim["kind"] ?? "PersistentVolumeClaim");
        claim = claim.WithAt(["spec", "volumeMode"], claim.At("spec", "volumeMode") ?? "Filesystem");
        return claim.WithAt(["status", "phase"], "Pending");
    }
}
