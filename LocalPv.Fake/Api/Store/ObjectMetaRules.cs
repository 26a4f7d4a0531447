using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Store;

/// <summary>The rules of metadata that hold for every kind. Source: k8s.io/apimachinery/pkg/api/validation/objectmeta.go.</summary>
internal static class ObjectMetaRules
{
    private const int AnnotationsBytesMax = 256 * 1024;

    /// <summary>A typed server does not keep empty labels, annotations, owners and finalizers.</summary>
    public static JsonMap Tidy(JsonMap metadata)
    {
        foreach (var key in (ReadOnlySpan<string>)["labels", "annotations", "finalizers", "ownerReferences"])
        {
            if (metadata[key] is JsonMap { Count: 0 } or JsonList { Count: 0 })
            {
                metadata = metadata.Without(key);
            }
        }

        return metadata;
    }

    /// <summary>What is wrong with the metadata of a new object.</summary>
    public static void Validate(KindInfo kind, JsonMap body, FieldErrors errors)
    {
        var metadata = body.Map("metadata")!;
        var name = metadata.Text("name") ?? "";
        if (name.Length == 0)
        {
            errors.Required("metadata.name", "name or generateName is required");
        }
        else if (kind.Strategy.Names.Judge(name) is { } wrong)
        {
            errors.Invalid("metadata.name", name, wrong);
        }

        ValidateContent(metadata, null, errors);
    }

    /// <summary>What is wrong with a change of metadata.</summary>
    public static void ValidateUpdate(JsonMap body, KubernetesObject old, FieldErrors errors)
    {
        var metadata = body.Map("metadata")!;
        if (ReferenceEquals(metadata, old.Metadata))
        {
            return;
        }

        foreach (var key in (ReadOnlySpan<string>)["name", "namespace", "uid", "deletionTimestamp", "deletionGracePeriodSeconds"])
        {
            var (now, before) = (metadata[key], old.Metadata[key]);
            if (!ReferenceEquals(now, before) && !Equals(now, before))
            {
                errors.Invalid("metadata." + key, now ?? JsonNull.Instance, "field is immutable");
            }
        }

        if (old.IsBeingDeleted)
        {
            var added = (metadata.List("finalizers")?.Texts() ?? []).Except(old.Finalizers).ToList();
            if (added.Count > 0)
            {
                var shown = string.Join(", ", added.Select(FieldErrors.Quote));
                errors.Forbidden(
                    "metadata.finalizers",
                    $"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{shown}}}");
            }
        }

        ValidateContent(metadata, old.Metadata, errors);
    }

    private static void ValidateContent(JsonMap metadata, JsonMap? old, FieldErrors errors)
    {
        if (metadata.Map("labels") is { } labels && !ReferenceEquals(labels, old?["labels"]))
        {
            foreach (var (key, value) in labels.AsSpan())
            {
                if (LabelRules.JudgeKey(key) is { } badKey)
                {
                    errors.Invalid("metadata.labels", key, badKey);
                }

                if (value is JsonText text && LabelRules.JudgeValue(text.Value) is { } badValue)
                {
                    errors.Invalid("metadata.labels", value, badValue);
                }
            }
        }

        if (metadata.Map("annotations") is { } annotations && !ReferenceEquals(annotations, old?["annotations"]))
        {
            ValidateAnnotations(annotations, errors);
        }

        if (metadata.List("ownerReferences") is { } owners && !ReferenceEquals(owners, old?["ownerReferences"]))
        {
            ValidateOwners(owners, errors);
        }

        if (metadata.List("finalizers") is { } finalizers && !ReferenceEquals(finalizers, old?["finalizers"]))
        {
            foreach (var finalizer in finalizers.Texts())
            {
                if (LabelRules.JudgeKey(finalizer) is { } wrong)
                {
                    errors.Invalid("metadata.finalizers", finalizer, wrong);
                }
            }
        }
    }

    private static void ValidateAnnotations(JsonMap annotations, FieldErrors errors)
    {
        long size = 0;
        foreach (var (key, value) in annotations.AsSpan())
        {
            if (LabelRules.JudgeKey(key.ToLowerInvariant()) is { } wrong)
            {
                errors.Invalid("metadata.annotations", key, wrong);
            }

            size += key.Length + ((value as JsonText)?.Value.Length ?? 0);
        }

        if (size > AnnotationsBytesMax)
        {
            errors.TooLong("metadata.annotations", AnnotationsBytesMax);
        }
    }

    private static void ValidateOwners(JsonList owners, FieldErrors errors)
    {
        var controllers = 0;
        var index = 0;
        foreach (var owner in owners.Maps())
        {
            foreach (var key in (ReadOnlySpan<string>)["apiVersion", "kind", "name", "uid"])
            {
                if (string.IsNullOrEmpty(owner.Text(key)))
                {
                    errors.Invalid($"metadata.ownerReferences[{index}].{key}", "", key + " must not be empty");
                }
            }

            controllers += owner.Boolean("controller") == true ? 1 : 0;
            index++;
        }

        if (controllers > 1)
        {
            errors.Invalid("metadata.ownerReferences", owners, "Only one reference can have Controller set to true.");
        }
    }
}
