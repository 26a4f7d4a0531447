using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store.Shapes;

namespace LocalPv.Fake.Api.Store.Kinds;

/// <summary>Volumes. Source: pkg/registry/core/persistentvolume, pkg/apis/core/validation.</summary>
internal sealed class PersistentVolumeStrategy : KindStrategy
{
    // The fields of a spec that are no volume source.
    private static readonly string[] NoSource =
    [
        "accessModes", "capacity", "claimRef", "mountOptions", "nodeAffinity", "persistentVolumeReclaimPolicy", "storageClassName",
        "volumeAttributesClassName", "volumeMode",
    ];

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
            ? body.WithAt(["status", "lastPhaseTransitionTime"], now.ToRfc3339())
            : body;
    }

    /// <inheritdoc/>
    public override void Validate(JsonMap body, JsonMap? old, FieldErrors errors)
    {
        var spec = body.Map("spec") ?? JsonMap.Empty;
        if (ReferenceEquals(spec, old?["spec"]))
        {
            return;
        }

        AccessModes.Validate(spec, "spec", "", errors);
        ValidateCapacity(spec, errors);
        if (spec["persistentVolumeReclaimPolicy"] is { } policy && policy is not JsonText { Value: "Delete" or "Recycle" or "Retain" })
        {
            errors.NotSupported("spec.persistentVolumeReclaimPolicy", policy, "Delete", "Recycle", "Retain");
        }

        ValidateAffinity(spec, errors);
        ValidateSource(spec, errors);
        if (spec.Text("storageClassName") is { Length: > 0 } className && NameRule.Subdomain.Judge(className) is { } wrong)
        {
            errors.Invalid("spec.storageClassName", className, wrong);
        }

        if (spec["volumeMode"] is { } mode && mode is not JsonText { Value: "Block" or "Filesystem" })
        {
            errors.NotSupported("spec.volumeMode", mode, "Block", "Filesystem");
        }
    }

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonMap body, JsonMap old, string subresource, FieldErrors errors)
    {
        var (spec, before) = (body.Map("spec") ?? JsonMap.Empty, old.Map("spec") ?? JsonMap.Empty);
        if (ReferenceEquals(spec, before))
        {
            return;
        }

        if (!SourceOf(spec).Equals(SourceOf(before)))
        {
            errors.Forbidden("spec.persistentvolumesource", "spec.persistentvolumesource is immutable after creation");
        }

        if (!Equals(spec["volumeMode"], before["volumeMode"]))
        {
            errors.Invalid("spec.volumeMode", spec["volumeMode"] ?? JsonNull.Instance, "field is immutable");
        }

        // Node affinity may be set once.
        if (before["nodeAffinity"] is { } affinity && !affinity.Equals(spec["nodeAffinity"]))
        {
            errors.Invalid(
                "spec.nodeAffinity",
                spec["nodeAffinity"] ?? JsonNull.Instance,
                "field is immutable, except for updating from beta label to GA");
        }
    }

    private static void ValidateCapacity(JsonMap spec, FieldErrors errors)
    {
        var capacity = spec.Map("capacity") ?? JsonMap.Empty;
        if (capacity.Count == 0)
        {
            errors.Required("spec.capacity", "");
        }
        else if (!capacity.Contains("storage") || capacity.Count > 1)
        {
            errors.NotSupported("spec.capacity", capacity, "storage");
        }

        foreach (var (key, value) in capacity.AsSpan())
        {
            if (QuantityText.Nano((value as JsonText)?.Value).Sign <= 0)
            {
                errors.Invalid($"spec.capacity[{key}]", value, "must be greater than zero");
            }
        }
    }

    private static void ValidateAffinity(JsonMap spec, FieldErrors errors)
    {
        if (spec.Map("nodeAffinity") is not { } affinity)
        {
            return;
        }

        if (affinity.Map("required") is not { } required)
        {
            errors.Required("spec.nodeAffinity.required", "must specify required node constraints");
        }
        else if ((required.List("nodeSelectorTerms")?.Count ?? 0) == 0)
        {
            errors.Required("spec.nodeAffinity.required.nodeSelectorTerms", "must have at least one node selector term");
        }
    }

    private static void ValidateSource(JsonMap spec, FieldErrors errors)
    {
        var sources = SourceOf(spec);
        var first = true;
        foreach (var (name, source) in sources.AsSpan())
        {
            if (!first)
            {
                errors.Forbidden("spec." + name, "may not specify more than 1 volume type");
            }

            first = false;
            if (name == "local")
            {
                ValidateLocal(spec, source as JsonMap ?? JsonMap.Empty, errors);
            }
            else if (name == "hostPath" && string.IsNullOrEmpty((source as JsonMap)?.Text("path")))
            {
                errors.Required("spec.hostPath.path", "");
            }
        }

        if (sources.Count == 0)
        {
            errors.Required("spec", "must specify a volume type");
        }
    }

    private static void ValidateLocal(JsonMap spec, JsonMap local, FieldErrors errors)
    {
        var path = local.Text("path") ?? "";
        if (path.Length == 0)
        {
            errors.Required("spec.local.path", "");
        }
        else if (path.Split('/').Contains(".."))
        {
            errors.Invalid("spec.local.path", path, "must not contain '..'");
        }

        if (spec["nodeAffinity"] is null)
        {
            errors.Required("spec.nodeAffinity", "Local volume requires node affinity");
        }
    }

    private static JsonMap SourceOf(JsonMap spec)
    {
        var source = spec;
        foreach (var key in NoSource)
        {
            source = source.Without(key);
        }

        return source;
    }
}
