using System.Collections.Immutable;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Fake.Api.Store.Shapes;

namespace LocalPv.Fake.Api.Store;

/// <summary>A body as the server takes it: read as its kind, unknown fields handled; or why it cannot be read.</summary>
internal readonly record struct BodyReading(JsonMap Body, StatusError? Error, ImmutableArray<string> Warnings);

/// <summary>Reads bodies: the part of a real server that decodes JSON into types.</summary>
internal static class BodyReader
{
    public static BodyReading Read(KindInfo kind, JsonMap given, JsonMap? old, WriteOptions options)
    {
        var body = (JsonMap)Nulls.Drop(given, old)!;
        if (body.Text("kind") != kind.Type.Kind || body.Text("apiVersion") != kind.Type.ApiVersion)
        {
            body = body.With("kind", kind.Type.Kind).With("apiVersion", kind.Type.ApiVersion);
        }

        var reader = new ShapeReader(kind.Type.Kind);
        body = (JsonMap)reader.Read(body, old, kind.IsCustom ? BuiltInShapes.MetadataOnly : kind.Shape);
        if (reader.Error is { } wrong)
        {
            return new(body, StatusError.Undecodable(kind, wrong), []);
        }

        var unknown = reader.Unknown;
        body = kind.Strategy.Prune(body, old, ref unknown);
        if (unknown.IsEmpty || options.FieldValidation == FieldValidation.Ignore)
        {
            return new(body, null, []);
        }

        var complaints = unknown.Select(path => $"unknown field \"{path}\"").ToImmutableArray();
        return options.FieldValidation == FieldValidation.Strict
            ? new(body, StatusError.Undecodable(kind, "strict decoding error: " + string.Join(", ", complaints)), [])
            : new(body, null, complaints);
    }
}
