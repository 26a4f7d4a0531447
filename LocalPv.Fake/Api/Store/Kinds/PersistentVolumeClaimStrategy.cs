using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store.Shapes;

namespace LocalPv.Fake.Api.Store.Kinds;

/// <summary>Claims. Source: pkg/registry/core/persistentvolumeclaim, pkg/apis/core/validation.</summary>
internal sealed class PersistentVolumeClaimStrategy : KindStrategy
{
    private const string Immutable =
        "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n";

    /// <inheritdoc/>
    public override JsonMap Default(JsonMap body) =>
        body.Map("spec") is { } spec && !spec.Contains("volumeMode")
            ? body.With("spec", spec.With("volumeMode", "Filesystem"))
            : body;

    /// <inheritdoc/>
    public override JsonMap PrepareForCreate(Instant now, JsonMap body) =>
        Finalizers.With(body, "kubernetes.io/pvc-protection").With("status", JsonMap.Of(("phase", "Pending")));

    /// <inheritdoc/>
    public override void Validate(JsonMap body, JsonMap? old, FieldErrors errors)
    {
        var spec = body.Map("spec") ?? JsonMap.Empty;
        if (!ReferenceEquals(spec, old?["spec"]))
        {
            ValidateSpec(spec, "spec", errors);
        }
    }

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonMap body, JsonMap old, string subresource, FieldErrors errors)
    {
        var (spec, before) = (body.Map("spec") ?? JsonMap.Empty, old.Map("spec") ?? JsonMap.Empty);
        if (ReferenceEquals(spec, before) || spec.Equals(before))
        {
            return;
        }

        var (changed, kept) = (spec, before);
        if (string.IsNullOrEmpty(before.Text("volumeName")))
        {
            kept = kept.With("volumeName", changed["volumeName"]);
        }

        if (before["storageClassName"] is null)
        {
            // The default class is filled in later where there was none.
            kept = kept.With("storageClassName", changed["storageClassName"]);
        }

        if (body.Map("status")?.Text("phase") == "Bound")
        {
            var size = before.At("resources", "requests", "storage");
            changed = changed.WithAt(["resources", "requests", "storage"], size)
                .With("volumeAttributesClassName", before["volumeAttributesClassName"]);
        }

        if (!changed.Equals(kept))
        {
            errors.Forbidden("spec", Immutable + ClaimSpecText.Difference(kept, changed));
        }

        var (asked, had) = (Size(spec), Size(before));
        if (asked < had && asked <= QuantityText.Nano((old.At("status", "capacity", "storage") as JsonText)?.Value))
        {
            errors.Forbidden("spec.resources.requests.storage", "field can not be less than status.capacity");
        }

        if (!Equals(spec["volumeMode"], before["volumeMode"]))
        {
            errors.Invalid("spec.volumeMode", spec["volumeMode"] ?? JsonNull.Instance, "field is immutable");
        }
    }

    /// <summary>What is wrong with a claim's spec, which may also be a template.</summary>
    internal static void ValidateSpec(JsonMap spec, string path, FieldErrors errors)
    {
        AccessModes.Validate(spec, path, "at least 1 access mode is required", errors);
        if (spec.At("resources", "requests", "storage") is not JsonText size)
        {
            errors.Required(path + ".resources[storage]", "");
        }
        else if (QuantityText.Nano(size.Value).Sign <= 0)
        {
            errors.Invalid(path + ".resources[storage]", size, "must be greater than zero");
        }

        if (spec.Text("storageClassName") is { Length: > 0 } className && NameRule.Subdomain.Judge(className) is { } wrong)
        {
            errors.Invalid(path + ".storageClassName", className, wrong);
        }

        if (spec["volumeMode"] is { } mode && mode is not JsonText { Value: "Block" or "Filesystem" })
        {
            errors.NotSupported(path + ".volumeMode", mode, "Block", "Filesystem");
        }
    }

    private static System.Numerics.BigInteger Size(JsonMap spec) =>
        QuantityText.Nano((spec.At("resources", "requests", "storage") as JsonText)?.Value);
}
