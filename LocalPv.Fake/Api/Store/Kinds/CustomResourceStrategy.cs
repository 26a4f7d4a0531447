using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Api.Store.Kinds;

/// <summary>Objects of a custom resource, by the version of its definition.</summary>
internal sealed class CustomResourceStrategy(JsonMap version) : KindStrategy
{
    private readonly bool _hasStatus = version.Map("subresources")?.Contains("status") == true;

    /// <inheritdoc/>
    public override JsonMap PrepareForCreate(Instant now, JsonMap body) => _hasStatus ? body.Without("status") : body;
}
