using System.Collections.Immutable;
using System.Text.Json;
using LocalPv.Core.Placement;

namespace LocalPv.Hosting.Extender;

/// <summary>Reads of a Pod what decides about its storage, and passes over the rest.</summary>
internal static class PodReader
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = Core.Kubernetes.Json.JsonTree.DepthMax };

    // Far more than a node can mount.
    private const int VolumesMax = 1000;

    /// <summary>
    /// Reads a Pod; throws <see cref="JsonException"/> where its JSON is malformed, <see cref="MalformedRequestException"/> where it is
    /// no Pod that the API server would take.
    /// </summary>
    public static PodToPlace Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, Options);
        string space = "", name = "", uid = "";
        List<string>? named = null;
        List<string>? ephemeral = null;
        reader.Read();
        while (NextMember(ref reader))
        {
            if (reader.ValueTextEquals("metadata"u8) && EnterObject(ref reader))
            {
                while (NextMember(ref reader))
                {
                    var isName = reader.ValueTextEquals("name"u8);
                    var isSpace = reader.ValueTextEquals("namespace"u8);
                    var isUid = reader.ValueTextEquals("uid"u8);
                    if (!isName && !isSpace && !isUid)
                    {
                        SkipValue(ref reader);
                        continue;
                    }

                    var text = Text(ref reader);
                    name = isName ? text : name;
                    space = isSpace ? text : space;
                    uid = isUid ? text : uid;
                }
            }
            else if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("spec"u8) && EnterObject(ref reader))
            {
                ReadSpec(ref reader, ref named, ref ephemeral);
            }
            else
            {
                SkipValue(ref reader);
            }
        }

        return new PodToPlace(space, name, uid, Claims(name, named, ephemeral));
    }

    // The claim of a generic ephemeral volume is called after its Pod and volume (component-helpers/storage/ephemeral).
    private static ImmutableArray<string> Claims(string pod, List<string>? named, List<string>? ephemeral) =>
        named is null && ephemeral is null
            ? []
            : [.. (named ?? []).Concat((ephemeral ?? []).Select(volume => pod + "-" + volume)).Distinct()];

    private static void ReadSpec(ref Utf8JsonReader reader, ref List<string>? named, ref List<string>? ephemeral)
    {
        while (NextMember(ref reader))
        {
            if (!reader.ValueTextEquals("volumes"u8) || !Enter(ref reader, JsonTokenType.StartArray))
            {
                SkipValue(ref reader);
                continue;
            }

            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType == JsonTokenType.StartObject)
                {
                    ReadVolume(ref reader, ref named, ref ephemeral);
                }
                else
                {
                    reader.Skip();
                }
            }
        }
    }

    private static void ReadVolume(ref Utf8JsonReader reader, ref List<string>? named, ref List<string>? ephemeral)
    {
        string? volume = null;
        string? claim = null;
        var isEphemeral = false;
        while (NextMember(ref reader))
        {
            if (reader.ValueTextEquals("name"u8))
            {
                volume = Text(ref reader);
            }
            else if (reader.ValueTextEquals("ephemeral"u8))
            {
                isEphemeral = EnterObject(ref reader);
                SkipValue(ref reader);
            }
            else if (reader.ValueTextEquals("persistentVolumeClaim"u8) && EnterObject(ref reader))
            {
                while (NextMember(ref reader))
                {
                    if (reader.ValueTextEquals("claimName"u8))
                    {
                        claim = Text(ref reader);
                    }
                    else
                    {
                        SkipValue(ref reader);
                    }
                }
            }
            else
            {
                SkipValue(ref reader);
            }
        }

        if (claim is not null)
        {
            (named ??= []).Add(claim);
        }
        else if (isEphemeral && volume is not null)
        {
            (ephemeral ??= []).Add(volume);
        }

        if ((named?.Count ?? 0) + (ephemeral?.Count ?? 0) > VolumesMax)
        {
            throw new MalformedRequestException($"The Pod has more than {VolumesMax} volumes with claims.");
        }
    }

    // Moves to the next key of the object that the reader is in; false at its end.
    private static bool NextMember(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    private static bool EnterObject(ref Utf8JsonReader reader) => Enter(ref reader, JsonTokenType.StartObject);

    // Moves from a key to its value; whether that is what was expected. Anything else is passed over by SkipValue.
    private static bool Enter(ref Utf8JsonReader reader, JsonTokenType expected)
    {
        reader.Read();
        return reader.TokenType == expected;
    }

    private static void SkipValue(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.PropertyName)
        {
            reader.Read();
        }

        reader.Skip();
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            ExtenderCall.RefuseLongName(reader.ValueSpan.Length, reader.ValueIsEscaped);
            return reader.GetString()!;
        }

        reader.Skip();
        return "";
    }
}
