using System.Diagnostics;
using LocalPv.Core.Agents;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;

namespace LocalPv.Core.Traces;

/// <summary>How effects are written in a trace. They are only compared, never read.</summary>
internal static class TraceEffects
{
    internal static JsonMap Write(Effect effect) => effect switch
    {
        Effect.CallCluster call => JsonMap.Of(
            ("is", "ask"), ("call", call.Call), ("timeout", call.Timeout.Ticks), ("request", Write(call.Request))),
        Effect.CallStorage call => JsonMap.Of(
            ("is", "storage"), ("call", call.Call), ("timeout", call.Timeout.Ticks), ("request", StorageTrees.Write(call.Request))),
        Effect.OpenWatch open => JsonMap.Of(
            ("is", "watch"),
            ("watch", open.Watch),
            ("type", open.Request.Type.GroupResource),
            ("selector", Write(open.Request.Selector)),
            ("version", open.Request.ResourceVersion)),
        Effect.CloseWatch close => JsonMap.Of(("is", "close"), ("watch", close.Watch)),
        Effect.WakeAt wake => JsonMap.Of(("is", "wake"), ("at", wake.Moment.TicksSinceEpoch)),
        _ => throw new ArgumentException($"{effect.GetType()} is no effect of a traced agent.", nameof(effect)),
    };

    private static JsonMap Write(ClusterRequest request)
    {
        var type = request.Resource;
        var tree = JsonMap.Of(("type", type.GroupResource));
        return request switch
        {
            ClusterRequest.Get get => About(tree, "get", get.Key),
            ClusterRequest.List list => tree
                .With("is", "list")
                .With("selector", Write(list.Selector))
                .With("version", list.ResourceVersion)
                .With("limit", list.Limit)
                .With("continue", list.Continue),
            ClusterRequest.Create create => tree
                .With("is", "create").With("namespace", create.Namespace).With("body", TraceRedaction.Of(type, create.Body)),
            ClusterRequest.Patch patch => About(tree, "patch", patch.Key)
                .With("subresource", patch.Subresource).With("body", TraceRedaction.Of(type, patch.Changes)),
            ClusterRequest.Replace replace => About(tree, "replace", replace.Key)
                .With("subresource", replace.Subresource).With("body", TraceRedaction.Of(type, replace.Body)),
            ClusterRequest.CreateSubresource create => About(tree, "create-subresource", create.Key)
                .With("subresource", create.Subresource).With("body", TraceRedaction.Of(type, create.Body)),
            ClusterRequest.Delete delete => About(tree, "delete", delete.Key)
                .With("uid", delete.Uid)
                .With("version", delete.ResourceVersion)
                .With("propagation", delete.PropagationPolicy)
                .With("grace", delete.GracePeriodSeconds is { } grace ? JsonNumber.From(grace) : null),
            _ => throw new UnreachableException(),
        };
    }

    private static JsonMap About(JsonMap tree, string what, ObjectKey key) => tree.With("is", what).With("key", key.ToString());

    private static JsonMap Write(ObjectSelector selector) =>
        JsonMap.Of(("namespace", selector.Namespace), ("labels", selector.Labels), ("fields", selector.Fields));
}
