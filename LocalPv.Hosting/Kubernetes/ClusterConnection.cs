using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using LocalPv.Core.Outcomes;

namespace LocalPv.Hosting.Kubernetes;

/// <summary>How to reach an API server and who we are there.</summary>
public sealed record ClusterConnection
{
    /// <summary>Where it listens; a path is kept as a prefix.</summary>
    public required Uri Server { get; init; }

    /// <summary>Where the connection was read from, for messages: a file's path, or <c>in-cluster</c>.</summary>
    public required string Source { get; init; }

    /// <summary>The certificate authorities that may vouch for the server; empty: those of the machine.</summary>
    public X509Certificate2Collection Authorities { get; init; } = [];

    /// <summary>Whether the server's certificate is not looked at.</summary>
    public bool SkipServerVerification { get; init; }

    /// <summary>The name to expect in the server's certificate instead of the address's host; null for the host.</summary>
    public string? ServerName { get; init; }

    /// <summary>The certificate that says who we are; null where there is none.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>The certificates between <see cref="ClientCertificate"/> and its authority; empty where that signed it itself.</summary>
    public X509Certificate2Collection ClientChain { get; init; } = [];

    /// <summary>A token that never changes; null where there is none.</summary>
    public string? Token { get; init; }

    /// <summary>A file that holds the token and may be rewritten; null where there is none. Goes before <see cref="Token"/>.</summary>
    public string? TokenFile { get; init; }

    /// <summary>The files it was read from, but for <see cref="TokenFile"/>; empty where there are none.</summary>
    public ImmutableArray<string> Files { get; init; } = [];

    /// <summary>Reads the same connection again, after one of its <see cref="Files"/> has changed; null where that cannot be.</summary>
    public Func<Outcome<ClusterConnection>>? ReadAgain { get; init; }

    /// <summary>
    /// Makes the way to the server where another library keeps the connection; null for ours. Everything but the address and the
    /// namespace is then that library's.
    /// </summary>
    public Func<HttpMessageHandler>? MakeHandler { get; init; }

    /// <summary>The namespace of namespaced things that name none.</summary>
    public string Namespace { get; init; } = "default";
}
