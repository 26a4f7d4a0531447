namespace LocalPv.Fake.Api.Rest;

/// <summary>An HTTP request to the API server, without the network.</summary>
/// <param name="Method">The method, upper case.</param>
/// <param name="Path">The path, still escaped, without the query.</param>
public sealed record RestRequest(string Method, string Path)
{
    /// <summary>What stands behind the question mark, still escaped; empty for none.</summary>
    public string Query { get; init; } = "";

    /// <summary>The <c>Accept</c> header; empty for anything.</summary>
    public string Accept { get; init; } = "";

    /// <summary>The <c>Content-Type</c> header; empty for none, which is read as JSON.</summary>
    public string ContentType { get; init; } = "";

    /// <summary>The <c>User-Agent</c> header: what stands before its first slash is the field manager of those who name none.</summary>
    public string UserAgent { get; init; } = "";

    /// <summary>The <c>Authorization</c> header; empty for none.</summary>
    public string Authorization { get; init; } = "";

    /// <summary>The body; empty for none.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }
}
