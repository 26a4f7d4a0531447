using System.Collections.Immutable;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Fake.Api.Rest;

/// <summary>How an answer's object is shown.</summary>
public enum Rendering
{
    /// <summary>As it is.</summary>
    Plain,

    /// <summary>As a table with the columns an operator wants.</summary>
    Table,

    /// <summary>Its metadata only.</summary>
    Metadata,

    /// <summary>A discovery document of all groups at once.</summary>
    AggregatedDiscovery,
}

/// <summary>One entry of an <c>Accept</c> or <c>Content-Type</c> header.</summary>
public sealed class MediaType
{
    private readonly ImmutableSortedDictionary<string, string> _parameters;

    private MediaType(string name, ImmutableSortedDictionary<string, string> parameters)
    {
        Name = name;
        _parameters = parameters;
    }

    /// <summary>Type and subtype, lower case.</summary>
    public string Name { get; }

    /// <summary>The value of a parameter; empty where there is none.</summary>
    public string this[string parameter] => _parameters.GetValueOrDefault(parameter, "");

    /// <summary>Reads a header's entries in order.</summary>
    public static IEnumerable<MediaType> ReadAll(string header)
    {
        foreach (var entry in header.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var parts = entry.Split(';', StringSplitOptions.TrimEntries);
            var parameters = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
            foreach (var part in parts.Skip(1))
            {
                var equals = part.IndexOf('=', StringComparison.Ordinal);
                parameters = equals < 0 ? parameters : parameters.SetItem(part[..equals].Trim(), part[(equals + 1)..].Trim('"', ' '));
            }

            yield return new MediaType(parts[0].ToLowerInvariant(), parameters);
        }
    }
}

/// <summary>What the two sides agreed to send: the first entry of <c>Accept</c> that is spoken here.</summary>
/// <param name="ContentType">The media type of the answer.</param>
/// <param name="Rendering">How objects are shown.</param>
/// <param name="Version">The version of the table, metadata or discovery kind.</param>
public sealed record Negotiated(string ContentType, Rendering Rendering, string Version)
{
    /// <summary>Plain JSON.</summary>
    public static Negotiated Json { get; } = new(RestResponse.Json, Rendering.Plain, "v1");

    /// <summary>Chooses; null where nothing that is accepted can be sent, which is a 406.</summary>
    public static Negotiated? Choose(string accept)
    {
        if (accept.Length == 0)
        {
            return Json;
        }

        foreach (var entry in MediaType.ReadAll(accept))
        {
            var contentType = entry.Name switch
            {
                "application/json" or "application/*" or "*/*" => RestResponse.Json,
                "application/yaml" => "application/yaml",
                _ => null,
            };
            if (contentType is not null && RenderingOf(entry) is { } rendering)
            {
                return new(contentType, rendering, entry["v"]);
            }
        }

        return null;
    }

    /// <summary>406: protobuf and CBOR, which a real server also speaks, are refused as media types it does not know.</summary>
    public static StatusError NotAcceptable { get; } = new(
        406, "NotAcceptable", "only the following media types are accepted: application/json, application/yaml");

    private static Rendering? RenderingOf(MediaType entry) => (entry["as"], entry["g"], entry["v"]) switch
    {
        ("", _, _) => Rendering.Plain,
        ("Table", "meta.k8s.io", "v1" or "v1beta1") => Rendering.Table,
        ("PartialObjectMetadata" or "PartialObjectMetadataList", "meta.k8s.io", "v1" or "v1beta1") => Rendering.Metadata,
        ("APIGroupDiscoveryList", "apidiscovery.k8s.io", "v2" or "v2beta1") => Rendering.AggregatedDiscovery,
        _ => null,
    };
}
