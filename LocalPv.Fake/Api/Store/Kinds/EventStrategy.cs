using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Api.Store.Kinds;

/// <summary>Events. Source: pkg/apis/core/validation/events.go.</summary>
internal sealed class EventStrategy : KindStrategy
{
    /// <inheritdoc/>
    public override JsonMap PrepareForCreate(Instant now, JsonMap body) => Complete(body);

    /// <inheritdoc/>
    public override JsonMap PrepareForUpdate(Instant now, JsonMap body, JsonMap old, string subresource) => Complete(body);

    /// <inheritdoc/>
    public override void Validate(JsonMap body, JsonMap? old, FieldErrors errors)
    {
        // An event about a cluster-scoped object lives in the namespace "default".
        var home = body.Map("metadata")?.Text("namespace") ?? "";
        var about = body.Map("involvedObject")?.Text("namespace") ?? "";
        if (about.Length == 0 ? home != "default" : home != about)
        {
            errors.Invalid("involvedObject.namespace", about, "does not match event.namespace");
        }
    }

    // Fields that the type writes even when they are empty.
    private static JsonMap Complete(JsonMap body)
    {
        foreach (var key in (ReadOnlySpan<string>)["eventTime", "firstTimestamp", "lastTimestamp"])
        {
            body = body.Contains(key) ? body : body.With(key, JsonNull.Instance);
        }

        foreach (var key in (ReadOnlySpan<string>)["reportingComponent", "reportingInstance"])
        {
            body = body.Contains(key) ? body : body.With(key, "");
        }

        foreach (var key in (ReadOnlySpan<string>)["involvedObject", "source"])
        {
            body = body.Contains(key) ? body : body.With(key, JsonMap.Empty);
        }

        return body;
    }
}
