using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Api.Store.Kinds;

/// <summary>Nodes: kubelets make them together with their first status. Source: pkg/registry/core/node/strategy.go.</summary>
internal sealed class NodeStrategy : KindStrategy
{
    /// <inheritdoc/>
    public override JsonMap PrepareForCreate(Instant now, JsonMap body)
    {
        var filled = body.Contains("spec") ? body : body.With("spec", JsonMap.Empty);
        return filled.Contains("status") ? filled : filled.With("status", JsonMap.Empty);
    }
}
