using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Api.Store.Kinds;

/// <summary>
/// Namespaces: active until deleted, then terminating until the finalizers of the spec are taken off through the subresource
/// <c>finalize</c>. Source: pkg/registry/core/namespace.
/// </summary>
internal sealed class NamespaceStrategy : KindStrategy
{
    /// <inheritdoc/>
    public override NameRule Names => NameRule.Label;

    /// <inheritdoc/>
    public override JsonMap Default(JsonMap body) =>
        body.At("metadata", "name") is { } name ? body.WithAt(["metadata", "labels", "kubernetes.io/metadata.name"], name) : body;

    /// <inheritdoc/>
    public override JsonMap PrepareForCreate(Instant now, JsonMap body)
    {
        var finalizers = body.At("spec", "finalizers") as JsonList ?? JsonList.Empty;
        if (!finalizers.Texts().Contains("kubernetes"))
        {
            finalizers = new JsonList(finalizers.Items.Add("kubernetes"));
        }

        return body.WithAt(["spec", "finalizers"], finalizers).With("status", JsonMap.Of(("phase", "Active")));
    }

    /// <inheritdoc/>
    public override JsonMap PrepareForUpdate(Instant now, JsonMap body, JsonMap old, string subresource) => subresource switch
    {
        "finalize" => body.With("status", old["status"]),
        _ => body.WithAt(["spec", "finalizers"], old.At("spec", "finalizers")),
    };
}
