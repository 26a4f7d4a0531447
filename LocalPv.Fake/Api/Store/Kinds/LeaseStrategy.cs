using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Store.Kinds;

/// <summary>Leases. Source: pkg/apis/coordination/validation.</summary>
internal sealed class LeaseStrategy : KindStrategy
{
    /// <inheritdoc/>
    public override void Validate(JsonMap body, JsonMap? old, FieldErrors errors)
    {
        var spec = body.Map("spec") ?? JsonMap.Empty;
        if (spec.Number("leaseDurationSeconds") is { } seconds && seconds <= 0)
        {
            errors.Invalid("spec.leaseDurationSeconds", seconds, "must be greater than 0");
        }

        if (spec.Number("leaseTransitions") is { } transitions && transitions < 0)
        {
            errors.Invalid("spec.leaseTransitions", transitions, "must be greater than or equal to 0");
        }
    }
}
