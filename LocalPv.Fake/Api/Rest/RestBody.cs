using System.Text;
using System.Text.Json;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Fake.Api.Rest.Documents;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Fake.Api.Rest;

/// <summary>Reads the bodies of requests for a kind, and refuses them in the words of a real server.</summary>
internal sealed class RestBody(RestRequest request, KindInfo kind, RestApiOptions options)
{
    private static readonly StatusError UnknownFormat = StatusError.UnsupportedMediaType(
        RestResponse.Json, "application/yaml", "application/vnd.kubernetes.protobuf");

    // Not the words of a real server, which reads every kind in this form: they would be untrue here.
    private static readonly StatusError UnknownProtobuf = StatusError.UnsupportedMediaType(RestResponse.Json, "application/yaml");

    private string MediaTypeName => MediaType.ReadAll(request.ContentType).FirstOrDefault()?.Name ?? RestResponse.Json;

    /// <summary>An object of the kind (or, for a subresource, of <paramref name="expected"/>).</summary>
    public StatusError? TryReadObject(string expected, out JsonMap body)
    {
        body = JsonMap.Empty;
        JsonTree? tree;
        try
        {
            tree = MediaTypeName switch
            {
                RestResponse.Json or "*/*" => JsonTree.Parse(request.Body.Span),
                "application/yaml" => options.ReadYaml(request.Body),
                ProtobufBody.MediaTypeName => ProtobufBody.Read(request.Body.Span),
                _ => null,
            };
        }
        catch (Exception malformed) when (malformed is JsonException or FormatException)
        {
            return Unrecognized(expected, $"couldn't get version/kind; json parse error: {Explain(malformed)} ({Shown()})");
        }

        if (tree is null)
        {
            return MediaTypeName == ProtobufBody.MediaTypeName ? UnknownProtobuf : UnknownFormat;
        }

        if (tree is not JsonMap map)
        {
            return Unrecognized(expected, $"couldn't get version/kind; json parse error: json: cannot unmarshal it ({Shown()})");
        }

        body = map;
        return expected == kind.Type.Kind ? JudgeKind(map) : null;
    }

    /// <summary>A patch in any of the formats that the kind takes.</summary>
    public StatusError? TryReadPatch(out PatchType type, out JsonTree patch)
    {
        (type, patch) = (PatchType.Merge, JsonMap.Empty);
        var accepted = PatchTypes.Of(kind);
        if (!accepted.Contains(MediaTypeName))
        {
            return StatusError.UnsupportedMediaType(accepted.AsSpan());
        }

        type = MediaTypeName switch
        {
            PatchTypes.Json => PatchType.Json,
            PatchTypes.Strategic => PatchType.Strategic,
            PatchTypes.Apply => PatchType.Apply,
            _ => PatchType.Merge,
        };
        try
        {
            patch = type == PatchType.Apply ? options.ReadYaml(request.Body) : JsonTree.Parse(request.Body.Span);
        }
        catch (Exception malformed) when (malformed is JsonException or FormatException)
        {
            return StatusError.BadRequest(type == PatchType.Apply
                ? $"error decoding YAML: {malformed.Message}"
                : $"error decoding patch: {Explain(malformed)}");
        }

        return (type == PatchType.Json ? patch is JsonList : patch is JsonMap)
            ? null
            : StatusError.BadRequest("error decoding patch: json: cannot unmarshal it into the form that its media type says");
    }

    private StatusError? JudgeKind(JsonMap body)
    {
        var (apiVersion, name) = (body.Text("apiVersion") ?? "", body.Text("kind") ?? "");
        if (kind.IsCustom && (name.Length == 0 || apiVersion.Length == 0))
        {
            var missing = name.Length == 0 ? "Kind" : "apiVersion";
            return Unrecognized(kind.Type.Kind, $"Object '{missing}' is missing in '{Shown()}'");
        }

        if (apiVersion.Length > 0 && apiVersion != kind.Type.ApiVersion)
        {
            return StatusError.BadRequest(
                $"the API version in the data ({apiVersion}) does not match the expected API version ({kind.Type.ApiVersion})");
        }

        return name.Length == 0 || name == kind.Type.Kind
            ? null
            : StatusError.BadRequest(
                $"{name} in version \"{kind.Type.Version}\" cannot be handled as a {kind.Type.Kind}: "
                + $"converting ({kind.Type.Version}.{name}) to ({kind.Type.Kind}): unknown conversion");
    }

    private static StatusError Unrecognized(string expected, string why) =>
        StatusError.BadRequest($"the object provided is unrecognized (must be of type {expected}): {why}");

    private string Shown()
    {
        var text = Encoding.UTF8.GetString(request.Body.Span);
        return text.Length <= 1024 ? text : text[..1024] + " ...";
    }

    // The words of the real server's JSON reader for the one case that people meet: a body that was cut off.
    private string Explain(Exception malformed) =>
        malformed is JsonException && IsCutOff() ? "unexpected end of JSON input" : malformed.Message;

    private bool IsCutOff()
    {
        var reader = new Utf8JsonReader(request.Body.Span, isFinalBlock: false, default);
        try
        {
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
