using System.Collections.Immutable;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store.Schemas;

namespace LocalPv.Fake.Api.Store.Kinds;

/// <summary>Objects of a custom resource, by the version of its definition: pruned, filled and judged by its structural schema.</summary>
internal sealed class CustomResourceStrategy(JsonMap version) : KindStrategy
{
    private readonly bool _hasStatus = version.Map("subresources")?.Contains("status") == true;

    /// <summary>The schema.</summary>
    public SchemaNode Schema { get; } = SchemaNode.ReadRoot(version.Map("schema")?.Map("openAPIV3Schema"));

    /// <inheritdoc/>
    public override JsonMap Prune(JsonMap body, JsonMap? old, ref ImmutableArray<string> unknown)
    {
        var dropped = new List<string>();
        var pruned = (JsonMap)SchemaPruning.Prune(body, old, Schema, "", true, dropped);
        unknown = unknown.AddRange(dropped);
        return pruned;
    }

    /// <inheritdoc/>
    public override JsonMap Default(JsonMap body) => (JsonMap)SchemaPruning.Default(body, Schema);

    /// <inheritdoc/>
    public override JsonMap PrepareForCreate(Instant now, JsonMap body) => _hasStatus ? body.Without("status") : body;

    /// <inheritdoc/>
    public override void Validate(JsonMap body, JsonMap? old, FieldErrors errors) =>
        new SchemaValidation(errors).Validate(body, old, Schema, "");
}
