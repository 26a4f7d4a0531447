using LocalPv.Core.Kubernetes.Json;
using LocalPv.Fake.Api.Store.Shapes;

namespace LocalPv.Fake.Api.Store.Kinds;

/// <summary>Published capacity: which class and which nodes it is about is fixed. Source: pkg/apis/storage/validation.</summary>
internal sealed class CsiStorageCapacityStrategy : KindStrategy
{
    /// <inheritdoc/>
    public override void Validate(JsonMap body, JsonMap? old, FieldErrors errors)
    {
        var className = body.Text("storageClassName") ?? "";
        if (NameRule.Subdomain.Judge(className) is { } wrong)
        {
            errors.Invalid("storageClassName", className, wrong);
        }

        foreach (var key in (ReadOnlySpan<string>)["capacity", "maximumVolumeSize"])
        {
            if (body[key] is JsonText text && QuantityText.Nano(text.Value).Sign < 0)
            {
                errors.Invalid(key, text, "must be greater than or equal to 0");
            }
        }
    }

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonMap body, JsonMap old, string subresource, FieldErrors errors)
    {
        foreach (var key in (ReadOnlySpan<string>)["nodeTopology", "storageClassName"])
        {
            if (!Equals(body[key], old[key]))
            {
                errors.Invalid(key, body[key] ?? JsonNull.Instance, "field is immutable");
            }
        }
    }
}
