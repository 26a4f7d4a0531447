using System.Collections.Immutable;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Rest;

/// <summary>
/// Reads the few objects that kubectl from 1.32 on sends in Protocol Buffers, whatever a server announces: those that its <c>create
/// namespace</c>, <c>deployment</c>, <c>job</c>, <c>configmap</c>, <c>secret</c> and <c>serviceaccount</c>, its <c>auth</c> and its
/// <c>drain</c> make.
/// Source of the numbers: <c>generated.proto</c> of k8s.io/api and k8s.io/apimachinery.
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

    private static readonly ImmutableArray<Field> Container =
    [
        new(1, "name", Form.Text), new(2, "image", Form.Text), new(3, "command", Form.List), new(4, "args", Form.List),
        new(5, "workingDir", Form.Text),
        new(6, "ports", Form.Messages)
        {
            Inner =
            [
                new(1, "name", Form.Text), new(2, "hostPort", Form.Count), new(3, "containerPort", Form.Count),
                new(4, "protocol", Form.Text), new(5, "hostIP", Form.Text),
            ],
        },
        new(8, "resources", Form.Message), new(13, "terminationMessagePath", Form.Text), new(14, "imagePullPolicy", Form.Text),
        new(16, "stdin", Form.Flag), new(17, "stdinOnce", Form.Flag), new(18, "tty", Form.Flag),
        new(20, "terminationMessagePolicy", Form.Text),
    ];

    private static readonly ImmutableArray<Field> PodSpec =
    [
        new(2, "containers", Form.Messages) { Inner = Container }, new(3, "restartPolicy", Form.Text), new(6, "dnsPolicy", Form.Text),
        new(8, "serviceAccountName", Form.Text), new(9, "serviceAccount", Form.Text), new(10, "nodeName", Form.Text),
        new(11, "hostNetwork", Form.Flag), new(12, "hostPID", Form.Flag), new(13, "hostIPC", Form.Flag), new(16, "hostname", Form.Text),
        new(17, "subdomain", Form.Text), new(19, "schedulerName", Form.Text), new(24, "priorityClassName", Form.Text),
    ];

    private static readonly ImmutableArray<Field> PodTemplate = [MetadataField, new(2, "spec", Form.Message) { Inner = PodSpec }];

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
        ("apps/v1", "Deployment") =>
        [
            MetadataField,
            new(2, "spec", Form.Message)
            {
                Inner =
                [
                    new(1, "replicas", Form.Whole),
                    new(2, "selector", Form.Message) { Inner = [new(1, "matchLabels", Form.Texts)] },
                    new(3, "template", Form.Message) { Inner = PodTemplate },
                    new(4, "strategy", Form.Message) { Inner = [new(1, "type", Form.Text)] }, new(5, "minReadySeconds", Form.Count),
                    new(7, "paused", Form.Flag),
                ],
            },
            new(3, "", Form.Nothing),
        ],
        ("batch/v1", "Job") =>
        [
            MetadataField, new(2, "spec", Form.Message) { Inner = [new(6, "template", Form.Message) { Inner = PodTemplate }] },
            new(3, "", Form.Nothing),
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
                Form.Flag => reader.Number != 0 ? JsonBoolean.True : null,
                Form.Whole => (long)reader.Number,
                Form.Count => reader.Number == 0 ? null : (JsonTree)(long)reader.Number,
                Form.List => new JsonList([.. present as JsonList ?? JsonList.Empty, reader.Text]),
                Form.Texts or Form.Binaries => AddEntry(present as JsonMap ?? JsonMap.Empty, reader.Content, field.Form),
                Form.Message => ReadMessage(reader.Content, field.Inner),
                Form.Messages => ReadMessage(reader.Content, field.Inner) is { } item
                    ? new JsonList([.. present as JsonList ?? JsonList.Empty, item])
                    : null,
                _ => null,
            };
            if (field.Form is Form.Message or Form.Messages && value is null)
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

        // False where it is not said.
        Flag,
        Whole,

        // Zero where it is not said.
        Count,
        List,
        Texts,
        Binaries,
        Message,
        Messages,
    }

    private sealed record Field(int Number, string Name, Form Form)
    {
        public ImmutableArray<Field> Inner { get; init; } = [];
    }
}
