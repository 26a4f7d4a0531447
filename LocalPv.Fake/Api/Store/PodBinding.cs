using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Api.Store;

/// <summary>The subresource <c>binding</c> of a Pod. Source: pkg/registry/core/pod/storage/storage.go (assignPod).</summary>
internal static class PodBinding
{
    public static ApiResult Bind(
        Instant now, ObjectUpdate update, ObjectTable table, KubernetesObject pod, JsonMap binding, WriteOptions options)
    {
        var node = binding.Map("target")?.Text("name") ?? "";
        if (node.Length == 0)
        {
            var errors = new FieldErrors();
            errors.Required("target.name", "");
            var kind = table.Kind with { Type = table.Kind.Type with { Kind = "Binding" } };
            return ApiResult.Failed(StatusError.Invalid(kind, pod.Name, errors));
        }

        if (binding.Map("metadata")?.Text("uid") is { Length: > 0 } uid && uid != pod.Uid)
        {
            return ApiResult.Failed(StatusError.Precondition(
                table.Kind with { Type = table.Kind.Type with { Kind = "pods/binding" } },
                pod.Name,
                $"Precondition failed: UID in precondition: {uid}, UID in object meta: {pod.Uid}"));
        }

        if (pod.IsBeingDeleted)
        {
            return ApiResult.Failed(Refuse(table.Kind, pod, $"pod {pod.Name} is being deleted, cannot be assigned to a host"));
        }

        var spec = pod.Tree.Map("spec") ?? JsonMap.Empty;
        if (spec.Text("nodeName") is { Length: > 0 } bound)
        {
            return ApiResult.Failed(Refuse(table.Kind, pod, $"pod {pod.Name} is already assigned to node \"{bound}\""));
        }

        var body = pod.Tree.With("spec", spec.With("nodeName", node));
        var annotations = binding.Map("metadata")?.Map("annotations") ?? JsonMap.Empty;
        foreach (var (key, value) in annotations.AsSpan())
        {
            body = body.WithAt(["metadata", "annotations", key], value);
        }

        var scheduled = JsonMap.Of(
            ("type", "PodScheduled"), ("status", "True"), ("lastTransitionTime", now.ToRfc3339()));
        var conditions = body.At("status", "conditions") as JsonList ?? JsonList.Empty;
        var others = conditions.Items.RemoveAll(item => item is JsonMap map && map.Text("type") == "PodScheduled");
        body = body.WithAt(["status", "conditions"], new JsonList(others.Add(scheduled)));

        // Recorded on 1.36: a nomination ends with the binding (ClearingNominatedNodeNameAfterBinding).
        body = body.WithAt(["status", "nominatedNodeName"], null);
        var result = update.Assign(now, table, pod, body, options);
        return result.Error is null ? ApiResult.Done(JsonMap.Empty) : result;
    }

    private static StatusError Refuse(KindInfo kind, KubernetesObject pod, string why) => StatusError.Conflict(
        kind with { Type = kind.Type with { Plural = "pods/binding" } }, pod.Name, why);
}
