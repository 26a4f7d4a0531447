using System.Collections.Immutable;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Store.Kinds;

/// <summary>What a server fills into Pods and their templates. Source: pkg/apis/core/v1/defaults.go and the admission plugins.</summary>
internal static class PodDefaults
{
    private static readonly (string Key, JsonTree Value)[] SpecDefaults =
    [
        ("dnsPolicy", "ClusterFirst"),
        ("restartPolicy", "Always"),
        ("schedulerName", "default-scheduler"),
        ("securityContext", JsonMap.Empty),
        ("terminationGracePeriodSeconds", 30),
    ];

    private static readonly (string Key, JsonTree Value)[] PodOnlyDefaults =
    [
        ("enableServiceLinks", true),
        ("preemptionPolicy", "PreemptLowerPriority"),
        ("priority", 0),
        ("serviceAccount", "default"),
        ("serviceAccountName", "default"),
    ];

    private static readonly (string Key, JsonTree Value)[] ContainerDefaults =
    [
        ("resources", JsonMap.Empty),
        ("terminationMessagePath", "/dev/termination-log"),
        ("terminationMessagePolicy", "File"),
    ];

    /// <summary>A template's spec with its defaults.</summary>
    public static JsonMap FillTemplate(JsonMap spec)
    {
        spec = Fill(spec, SpecDefaults);
        foreach (var key in (ReadOnlySpan<string>)["containers", "initContainers"])
        {
            if (spec.List(key) is { } containers && containers.Items.Any(item => item is JsonMap map && !IsFilled(map)))
            {
                spec = spec.With(key, new JsonList([.. containers.Items.Select(item => item is JsonMap map ? FillContainer(map) : item)]));
            }
        }

        return spec;
    }

    /// <summary>A Pod's own spec with its defaults.</summary>
    public static JsonMap FillPod(JsonMap spec) => Fill(FillTemplate(spec), PodOnlyDefaults);

    /// <summary>The tolerations that every new Pod gets (the admission plugin DefaultTolerationSeconds).</summary>
    public static JsonMap WithTolerations(JsonMap spec)
    {
        var tolerations = spec.List("tolerations")?.Items ?? [];
        foreach (var key in (ReadOnlySpan<string>)["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"])
        {
            if (!Tolerates(tolerations, key))
            {
                tolerations = tolerations.Add(JsonMap.Of(
                    ("key", key), ("operator", "Exists"), ("effect", "NoExecute"), ("tolerationSeconds", 300)));
            }
        }

        return spec.With("tolerations", new JsonList(tolerations));
    }

    private static bool Tolerates(ImmutableArray<JsonTree> tolerations, string key) => tolerations.OfType<JsonMap>().Any(toleration =>
        (string.IsNullOrEmpty(toleration.Text("key")) || toleration.Text("key") == key)
        && (string.IsNullOrEmpty(toleration.Text("effect")) || toleration.Text("effect") == "NoExecute"));

    private static bool IsFilled(JsonMap container) =>
        container.Contains("imagePullPolicy") && ContainerDefaults.All(field => container.Contains(field.Key));

    private static JsonMap FillContainer(JsonMap container)
    {
        container = Fill(container, ContainerDefaults);
        if (container.Contains("imagePullPolicy"))
        {
            return container;
        }

        var image = container.Text("image") ?? "";
        var name = image[(image.LastIndexOf('/') + 1)..];
        var isLatest = name.EndsWith(":latest", StringComparison.Ordinal) || name.AsSpan().IndexOfAny(':', '@') < 0;
        return container.With("imagePullPolicy", isLatest ? "Always" : "IfNotPresent");
    }

    private static JsonMap Fill(JsonMap target, (string Key, JsonTree Value)[] defaults)
    {
        foreach (var (key, value) in defaults)
        {
            target = target.Contains(key) ? target : target.With(key, value);
        }

        return target;
    }
}
