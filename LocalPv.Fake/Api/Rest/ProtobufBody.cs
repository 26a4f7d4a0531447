using System.Collections.Immutable;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Rest;

/// <summary>
/// Reads the few objects that kubectl from 1.32 on sends in Protocol Buffers, whatever a server announces: those that its <c>create
/// namespace</c>, <c>configmap</c>, <c>secret</c> and <c>serviceaccount</c>, its <c>auth</c> and its <c>drain</c> make. Source of the
/// numbers: <c>generated.proto</c> of k8s.io/api and k8s.io/apimachinery.
/// </summary>
internal static class ProtobufBody
{
    /// <summary>The media type.</summary>
    public const string MediaTypeName = "application/vnd.kubernetes.protobuf";

    private static readonly ImmutableArray<Field> Metadata =
    [
        new(1, "name", Form.Text), new(2, "generateName", Form.Text), new(3, "namespace", Form.Text), new(4, "", Form.Nothing),
        new(5, "uid", Form.Text), new(6, "resourceVersion", Form.Text), new(7, "", Form.Nothing), new(8, "", Form.Nothing),
        new(11, "labels", Form.Texts), new(12, "annotations", Form.Texts), new(14, "finalizers", Form.List),
    ];

    private static readonly Field MetadataField = new(1, "metadata", Form.Message) { Inner = Metadata };

    /// <summary>The object, or null where its kind is not among those; a malformed one is a <see cref="FormatException"/>.</summary>
    public static JsonMap? Read(ReadOnlySpan<byte> body)
    {
        ReadOnlySpan<byte> magic = "k8s\0"u8;
        if (!body.StartsWith(magic))
        {
            throw new FormatException("The body does not begin as Kubernetes' Protocol Buffers do.");
        }

        var type = JsonMap.Empty;
        var content = ReadOnlySpan<byte>.Empty;
        var envelope = new ProtobufReader(body[magic.Length..]);
        while (envelope.TryRead())
        {
            if (envelope.Field == 1)
            {
                type = ReadMessage(envelope.Content, [new(1, "apiVersion", Form.Text), new(2, "kind", Form.Text)]) ?? JsonMap.Empty;
            }
            else if (envelope.Field == 2)
            {
                content = envelope.Content;
            }
        }

        if (FieldsOf(type.Text("apiVersion"), type.Text("kind")) is not { IsDefault: false } fields
            || ReadMessage(content, fields) is not { } read)
        {
            return null;
        }

        return read.With("apiVersion", type["apiVersion"]).With("kind", type["kind"]);
    }

    private static ImmutableArray<Field> FieldsOf(string? apiVersion, string? kind) => (apiVersion, kind) switch
    {
        ("v1", "Namespace") =>
        [
            MetadataField,
            new(2, "spec", Form.Message) { Inner = [new(1, "finalizers", Form.List)] },
            new(3, "status", Form.Message) { Inner = [new(1, "phase", Form.Text)] },
        ],
        ("v1", "ConfigMap") =>
            [MetadataField, new(2, "data", Form.Texts), new(3, "binaryData", Form.Binaries), new(4, "immutable", Form.Truth)],
        ("v1", "Secret") =>
        [
            MetadataField, new(2, "data", Form.Binaries), new(3, "type", Form.Text), new(4, "stringData", Form.Texts),
            new(5, "immutable", Form.Truth),
        ],
        ("authorization.k8s.io/v1", "SelfSubjectAccessReview") =>
        [
            MetadataField,
            new(2, "spec", Form.Message)
            {
                Inner =
                [
                    new(1, "resourceAttributes", Form.Message)
                    {
                        Inner =
                        [
                            new(1, "namespace", Form.Text), new(2, "verb", Form.Text), new(3, "group", Form.Text),
                            new(4, "version", Form.Text), new(5, "resource", Form.Text), new(6, "subresource", Form.Text),
                            new(7, "name", Form.Text),
                        ],
                    },
                    new(2, "nonResourceAttributes", Form.Message) { Inner = [new(1, "path", Form.Text), new(2, "verb", Form.Text)] },
                ],
            },
            new(3, "", Form.Nothing),
        ],
        ("authorization.k8s.io/v1", "SelfSubjectRulesReview") =>
        [
            MetadataField,
            new(2, "spec", Form.Message) { Inner = [new(1, "namespace", Form.Text)] },
            new(3, "", Form.Nothing),
        ],
        ("authentication.k8s.io/v1", "SelfSubjectReview") => [MetadataField, new(2, "", Form.Nothing)],
        ("policy/v1", "Eviction") =>
        [
            MetadataField,
            new(2, "deleteOptions", Form.Message)
            {
                Inner =
                [
                    new(1, "gracePeriodSeconds", Form.Whole), new(4, "propagationPolicy", Form.Text), new(5, "dryRun", Form.List),
                ],
            },
        ],
        ("v1", "ServiceAccount") => [MetadataField, new(4, "automountServiceAccountToken", Form.Truth)],
        _ => default,
    };

    // Null where a field is none of those that are known: an object must not lose a part in silence.
    private static JsonMap? ReadMessage(ReadOnlySpan<byte> message, ImmutableArray<Field> fields)
    {
        var result = JsonMap.Empty;
        var reader = new ProtobufReader(message);
        while (reader.TryRead())
        {
            var number = reader.Field;
            if (fields.FirstOrDefault(candidate => candidate.Number == number) is not { } field)
            {
                return null;
            }

            var present = result[field.Name];
            JsonTree? value = field.Form switch
            {
                Form.Text => reader.Text.Length == 0 ? null : reader.Text,
                Form.Truth => reader.Number != 0,
                Form.Whole => (long)reader.Number,
                Form.List => new JsonList([.. present as JsonList ?? JsonList.Empty, reader.Text]),
                Form.Texts or Form.Binaries => AddEntry(present as JsonMap ?? JsonMap.Empty, reader.Content, field.Form),
                Form.Message => ReadMessage(reader.Content, field.Inner),
                _ => null,
            };
            if (field.Form == Form.Message && value is null)
            {
                return null;
            }

            result = field.Form == Form.Nothing ? result : result.With(field.Name, value);
        }

        return result;
    }

    private static JsonMap AddEntry(JsonMap map, ReadOnlySpan<byte> entry, Form form)
    {
        var (key, value) = ("", "");
        var reader = new ProtobufReader(entry);
        while (reader.TryRead())
        {
            if (reader.Field == 1)
            {
                key = reader.Text;
            }
            else
            {
                value = form == Form.Binaries ? Convert.ToBase64String(reader.Content) : reader.Text;
            }
        }

        return map.With(key, value);
    }

    private enum Form
    {
        Nothing,
        Text,
        Truth,
        Whole,
        List,
        Texts,
        Binaries,
        Message,
    }

    private sealed record Field(int Number, string Name, Form Form)
    {
        public ImmutableArray<Field> Inner { get; init; } = [];
    }
}
