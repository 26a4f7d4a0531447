using System.Collections.Immutable;
using LocalPv.Fake.Api.Rest;

namespace LocalPv.Hosting.Embedded;

/// <summary>How the embedded API server listens.</summary>
public sealed record EmbeddedApiServerOptions
{
    /// <summary>The port on the loopback address; 0 (default) for any that is free.</summary>
    public int Port { get; init; }

    /// <summary>Whether to serve HTTPS with a certificate of an authority made at start; plain HTTP otherwise (default).</summary>
    public bool UseTls { get; init; }

    /// <summary>Who may call, by bearer token; empty (default) for everybody.</summary>
    public ImmutableSortedDictionary<string, RestCaller> Tokens { get; init; } =
        ImmutableSortedDictionary.Create<string, RestCaller>(StringComparer.Ordinal);

    /// <summary>Why a write is refused, or an empty text; null (default): nobody is asked.</summary>
    public Func<RestAdmission, string>? Admit { get; init; }

    /// <summary>The clock that dates the objects.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
