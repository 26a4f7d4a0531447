using System.Collections.Immutable;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Store;

/// <summary>A body as the server takes it: read as its kind, unknown fields handled; or why it cannot be read.</summary>
internal readonly record struct BodyReading(JsonMap Body, StatusError? Error, ImmutableArray<string> Warnings);

/// <summary>Reads bodies: the part of a real server that decodes JSON into types.</summary>
internal static class BodyReader
{
    public static BodyReading Read(KindInfo kind, JsonMap given, JsonMap? old, WriteOptions options)
    {
        var body = (JsonMap)Nulls.Drop(given, old)!;
        body = body.With("kind", kind.Type.Kind).With("apiVersion", kind.Type.ApiVersion);
        if (kind.Strategy.Decode(body, old) is { } wrong)
        {
            return new(body, StatusError.Undecodable(kind, wrong), []);
        }

        return new(body, null, []);
    }
}
