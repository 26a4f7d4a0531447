using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;
using LocalPv.Fake.Api.Store.Patches;

namespace LocalPv.Fake.Api.Rest;

/// <summary>
/// The subresource <c>scale</c> of a workload: its number of replicas in a form that is the same for all kinds. Source:
/// pkg/registry/apps/*/storage.
/// </summary>
internal sealed class ScaleCall(FakeApiServer server, Instant now, KindInfo kind, ObjectKey key)
{
    // What patches of the form itself are judged by.
    private static readonly KindInfo Form =
        new(new ResourceType("autoscaling", "v1", "scales", "Scale", true), KindStrategy.Plain);

    /// <summary>The kind of the form.</summary>
    public static KindInfo FormKind => Form;

    /// <summary>Reads the form.</summary>
    public ApiResult Get()
    {
        var read = server.Get(kind, key);
        return read.Object is { } workload ? ApiResult.Of(FormOf(workload)) : read;
    }

    /// <summary>Writes a whole form.</summary>
    public ApiResult Replace(JsonMap form, WriteOptions write)
    {
        var read = server.Get(kind, key);
        return read.Object is { } workload ? Write(workload, form, write) : read;
    }

    /// <summary>Changes the form.</summary>
    public ApiResult Patch(PatchType type, JsonTree patch, WriteOptions write)
    {
        var read = server.Get(kind, key);
        if (read.Object is not { } workload)
        {
            return read;
        }

        return Patching.TryApply(Form, FormOf(workload).Tree, type, patch, out var patched, out var error)
            ? Write(workload, patched, write)
            : ApiResult.Failed(error);
    }

    private ApiResult Write(KubernetesObject workload, JsonMap form, WriteOptions write)
    {
        var replicas = form.Map("spec")?.Number("replicas") ?? 0;
        if (replicas < 0)
        {
            var errors = new FieldErrors();
            errors.Invalid("spec.replicas", replicas, "must be greater than or equal to 0");
            return ApiResult.Failed(StatusError.Invalid(Form, key.Name, errors));
        }

        // With the version that the form was read at, so that a write over a newer one is refused.
        var version = form.Map("metadata")?.Text("resourceVersion") is { Length: > 0 } given ? given : workload.ResourceVersion;
        var written = server.Patch(
            now,
            kind,
            key,
            PatchType.Merge,
            JsonMap.Of(
                ("metadata", JsonMap.Of(("resourceVersion", version))),
                ("spec", JsonMap.Of(("replicas", replicas)))),
            "",
            write);
        return written.Object is { } scaled ? ApiResult.Of(FormOf(scaled)) : written;
    }

    private static KubernetesObject FormOf(KubernetesObject workload)
    {
        var metadata = workload.Metadata;
        var selector = workload.Tree.At("spec", "selector", "matchLabels") as JsonMap ?? JsonMap.Empty;
        var pairs = new List<string>();
        foreach (var (label, value) in selector.AsSpan())
        {
            pairs.Add($"{label}={(value as JsonText)?.Value}");
        }

        return KubernetesObject.Read(Form.Type, JsonMap.Of(
            ("kind", "Scale"),
            ("apiVersion", "autoscaling/v1"),
            ("metadata", JsonMap.Of(
                ("name", metadata["name"]),
                ("namespace", metadata["namespace"]),
                ("uid", metadata["uid"]),
                ("resourceVersion", metadata["resourceVersion"]),
                ("creationTimestamp", metadata["creationTimestamp"]))),
            ("spec", JsonMap.Of(("replicas", workload.Tree.Map("spec")?.Number("replicas") ?? 1))),
            ("status", JsonMap.Of(
                ("replicas", workload.Tree.Map("status")?.Number("replicas") ?? 0),
                ("selector", string.Join(',', pairs))))));
    }
}
