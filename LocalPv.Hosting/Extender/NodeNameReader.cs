using System.Text.Json;

namespace LocalPv.Hosting.Extender;

/// <summary>Finds the name of a whole node wherever its metadata stands.</summary>
internal static class NodeNameReader
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = Core.Kubernetes.Json.JsonTree.DepthMax };

    /// <summary>The <c>metadata.name</c> of a node; throws where it has none, or where its JSON is malformed.</summary>
    public static string Read(ReadOnlySpan<byte> node)
    {
        var reader = new Utf8JsonReader(node, Options);
        string? name = null;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isMetadata = reader.ValueTextEquals("metadata"u8);
            reader.Read();
            if (isMetadata && reader.TokenType == JsonTokenType.StartObject)
            {
                name = Name(ref reader) ?? name;
            }
            else
            {
                reader.Skip();
            }
        }

        return name ?? throw new MalformedRequestException("A node in the request has no metadata.name.");
    }

    private static string? Name(ref Utf8JsonReader reader)
    {
        string? name = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isName = reader.ValueTextEquals("name"u8);
            reader.Read();
            if (isName && reader.TokenType == JsonTokenType.String)
            {
                ExtenderCall.RefuseLongName(reader.ValueSpan.Length, reader.ValueIsEscaped);
                name = reader.GetString();
            }
            else
            {
                reader.Skip();
            }
        }

        return name;
    }
}
