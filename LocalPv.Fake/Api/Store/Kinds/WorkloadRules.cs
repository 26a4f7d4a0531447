using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Store.Kinds;

/// <summary>What is asked of every workload with a Pod template. Source: pkg/apis/apps/validation.</summary>
internal static class WorkloadRules
{
    /// <summary>Judges replicas, selector and template.</summary>
    public static void Validate(JsonMap spec, FieldErrors errors)
    {
        if (spec.Number("replicas") is { } replicas && replicas < 0)
        {
            errors.Invalid("spec.replicas", replicas, "must be greater than or equal to 0");
        }

        var template = spec.Map("template") ?? JsonMap.Empty;
        if (spec.Map("selector") is not { Count: > 0 } selector)
        {
            errors.Required("spec.selector", "");
        }
        else
        {
            Match(selector, template, errors);
        }

        var pod = template.Map("spec") ?? JsonMap.Empty;
        if ((pod.List("containers")?.Count ?? 0) == 0)
        {
            errors.Required("spec.template.spec.containers", "");
        }

        if (pod.Text("restartPolicy") is { } policy and not "Always")
        {
            errors.NotSupported("spec.template.spec.restartPolicy", policy, "Always");
        }
    }

    private static void Match(JsonMap selector, JsonMap template, FieldErrors errors)
    {
        var labels = template.Map("metadata")?.Map("labels") ?? JsonMap.Empty;
        foreach (var (key, value) in (selector.Map("matchLabels") ?? JsonMap.Empty).AsSpan())
        {
            if (!value.Equals(labels[key]))
            {
                errors.Invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`");
                return;
            }
        }
    }
}
