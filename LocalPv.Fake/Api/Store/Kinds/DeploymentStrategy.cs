using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Api.Store.Kinds;

/// <summary>
/// Deployments and, where <paramref name="rollsOut"/> is false, ReplicaSets. Source: pkg/apis/apps/v1/defaults.go and validation.
/// </summary>
internal sealed class DeploymentStrategy(bool rollsOut) : KindStrategy
{
    /// <inheritdoc/>
    public override JsonMap Default(JsonMap body)
    {
        if (body.Map("spec") is not { } spec)
        {
            return body;
        }

        spec = spec.With("replicas", spec["replicas"] ?? 1);
        if (rollsOut)
        {
            spec = spec
                .With("revisionHistoryLimit", spec["revisionHistoryLimit"] ?? 10)
                .With("progressDeadlineSeconds", spec["progressDeadlineSeconds"] ?? 600)
                .With("strategy", Strategy(spec.Map("strategy") ?? JsonMap.Empty));
        }

        return body.With("spec", spec.Map("template") is { } template && template.Map("spec") is { } podSpec
            ? spec.With("template", template.With("spec", PodDefaults.FillTemplate(podSpec)))
            : spec);
    }

    /// <inheritdoc/>
    public override JsonMap PrepareForCreate(Instant now, JsonMap body) =>
        body.With("status", rollsOut ? JsonMap.Empty : JsonMap.Of(("replicas", 0)));

    /// <inheritdoc/>
    public override void Validate(JsonMap body, JsonMap? old, FieldErrors errors)
    {
        var spec = body.Map("spec") ?? JsonMap.Empty;
        if (ReferenceEquals(spec, old?["spec"]))
        {
            return;
        }

        WorkloadRules.Validate(spec, errors);
        if (spec.Map("strategy")?.Text("type") is { } type and not ("RollingUpdate" or "Recreate"))
        {
            errors.NotSupported("spec.strategy.type", type, "Recreate", "RollingUpdate");
        }
    }

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonMap body, JsonMap old, string subresource, FieldErrors errors)
    {
        var (selector, before) = (body.At("spec", "selector"), old.At("spec", "selector"));
        if (!Equals(selector, before))
        {
            errors.Invalid("spec.selector", selector ?? JsonMap.Empty, "field is immutable");
        }
    }

    private static JsonMap Strategy(JsonMap strategy)
    {
        var type = strategy.Text("type") is { Length: > 0 } given ? given : "RollingUpdate";
        if (type != "RollingUpdate")
        {
            return strategy;
        }

        var rolling = strategy.Map("rollingUpdate") ?? JsonMap.Empty;
        return strategy.With("type", type).With("rollingUpdate", rolling
            .With("maxUnavailable", rolling["maxUnavailable"] ?? "25%")
            .With("maxSurge", rolling["maxSurge"] ?? "25%"));
    }
}
