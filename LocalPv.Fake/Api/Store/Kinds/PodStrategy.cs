using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Api.Store.Kinds;

/// <summary>Pods. Source: pkg/registry/core/pod/strategy.go, pkg/apis/core/validation.</summary>
internal sealed class PodStrategy : KindStrategy
{
    private const string Immutable =
        "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
        + "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
        + "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

    /// <inheritdoc/>
    public override JsonMap Default(JsonMap body) =>
        body.Map("spec") is { } spec ? body.With("spec", PodDefaults.FillPod(spec)) : body;

    /// <inheritdoc/>
    public override JsonMap PrepareForCreate(Instant now, JsonMap body)
    {
        var spec = PodDefaults.WithTolerations(body.Map("spec") ?? JsonMap.Empty);
        return body.With("spec", spec).With("status", JsonMap.Of(("phase", "Pending"), ("qosClass", QualityOf(spec))));
    }

    /// <inheritdoc/>
    public override int DefaultGraceSeconds(JsonMap body)
    {
        // A Pod without a node, or one that has ended, has nothing to wait for (podStrategy.CheckGracefulDelete).
        var spec = body.Map("spec");
        return string.IsNullOrEmpty(spec?.Text("nodeName")) || body.Map("status")?.Text("phase") is "Succeeded" or "Failed"
            ? 0
            : (int)Math.Clamp(spec.Number("terminationGracePeriodSeconds") ?? 30, 0, int.MaxValue);
    }

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
        if (subresource.Length > 0 || ReferenceEquals(body["spec"], old["spec"]))
        {
            return;
        }

        var (spec, before) = (body.Map("spec") ?? JsonMap.Empty, old.Map("spec") ?? JsonMap.Empty);
        if (!WithoutMutable(spec).Equals(WithoutMutable(before)))
        {
            errors.Forbidden("spec", Immutable);
        }

        var tolerations = spec.List("tolerations")?.Items ?? [];
        if ((before.List("tolerations")?.Items ?? []).Any(toleration => !tolerations.Contains(toleration)))
        {
            errors.Forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds");
        }
    }

    /// <summary>What is wrong with the spec of a Pod or of a template.</summary>
    internal static void ValidateSpec(JsonMap spec, string path, FieldErrors errors)
    {
        var volumes = ValidateNames(spec, "volumes", path, errors);
        var containers = spec.List("containers") ?? JsonList.Empty;
        if (containers.Count == 0)
        {
            errors.Required(path + ".containers", "");
        }

        ValidateNames(spec, "containers", path, errors);
        var index = 0;
        foreach (var container in containers.Maps())
        {
            var here = $"{path}.containers[{index++}]";
            if (string.IsNullOrEmpty(container.Text("image")))
            {
                errors.Required(here + ".image", "");
            }

            var mount = 0;
            foreach (var mounted in container.List("volumeMounts")?.Maps() ?? [])
            {
                if (!volumes.Contains(mounted.Text("name") ?? ""))
                {
                    errors.NotFound($"{here}.volumeMounts[{mount}].name", mounted["name"] ?? "");
                }

                mount++;
            }
        }

        index = 0;
        foreach (var volume in spec.List("volumes")?.Maps() ?? [])
        {
            if (volume.Map("persistentVolumeClaim") is { } claim && string.IsNullOrEmpty(claim.Text("claimName")))
            {
                errors.Required($"{path}.volumes[{index}].persistentVolumeClaim.claimName", "");
            }

            index++;
        }

        if (spec["restartPolicy"] is { } policy && policy is not JsonText { Value: "Always" or "OnFailure" or "Never" })
        {
            errors.NotSupported(path + ".restartPolicy", policy, "Always", "Never", "OnFailure");
        }
    }

    private static List<string> ValidateNames(JsonMap spec, string key, string path, FieldErrors errors)
    {
        var names = new List<string>();
        foreach (var item in spec.List(key)?.Maps() ?? [])
        {
            var here = $"{path}.{key}[{names.Count}].name";
            var name = item.Text("name") ?? "";
            if (name.Length == 0)
            {
                errors.Required(here, "");
            }
            else if (NameRule.Label.Judge(name) is { } wrong)
            {
                errors.Invalid(here, name, wrong);
            }
            else if (names.Contains(name))
            {
                errors.Duplicate(here, name);
            }

            names.Add(name);
        }

        return names;
    }

    private static JsonMap WithoutMutable(JsonMap spec)
    {
        var kept = spec.Without("activeDeadlineSeconds").Without("tolerations").Without("schedulingGates");
        foreach (var key in (ReadOnlySpan<string>)["containers", "initContainers"])
        {
            if (kept.List(key) is { } containers)
            {
                kept = kept.With(
                    key, new JsonList([.. containers.Items.Select(item => item is JsonMap map ? map.Without("image") : item)]));
            }
        }

        return kept;
    }

    private static string QualityOf(JsonMap spec)
    {
        var resources = (spec.List("containers")?.Maps() ?? []).Select(container => container.Map("resources") ?? JsonMap.Empty).ToList();
        if (resources.All(one => one.Map("requests") is null or { Count: 0 } && one.Map("limits") is null or { Count: 0 }))
        {
            return "BestEffort";
        }

        return resources.All(one => one.Map("limits") is { } limits && limits.Contains("cpu") && limits.Contains("memory")
            && (one.Map("requests") is not { } requests || requests.Equals(limits))) ? "Guaranteed" : "Burstable";
    }
}
