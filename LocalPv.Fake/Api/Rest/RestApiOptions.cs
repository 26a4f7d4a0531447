using System.Collections.Immutable;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Rest;

/// <summary>How the REST door is set up.</summary>
public sealed record RestApiOptions
{
    /// <summary>
    /// Reads YAML bodies; throws <see cref="FormatException"/> or <see cref="System.Text.Json.JsonException"/> where it cannot. The
    /// default reads only the YAML that is JSON, which is what most clients send.
    /// </summary>
    public Func<ReadOnlyMemory<byte>, JsonTree> ReadYaml { get; init; } = static body => JsonTree.Parse(body.Span);

    /// <summary>Who may call, by bearer token. Empty: nobody is asked who they are, and everybody may do everything.</summary>
    public ImmutableSortedDictionary<string, RestCaller> Tokens { get; init; } =
        ImmutableSortedDictionary.Create<string, RestCaller>(StringComparer.Ordinal);

    /// <summary>
    /// Asked before each write of one object, once it is known that nothing else speaks against it: why it is refused, or an empty text.
    /// Null (default): nobody is asked. Holds the place of the admission plugins.
    /// </summary>
    public Func<RestAdmission, string>? Admit { get; init; }

    /// <summary>The host and port that discovery names.</summary>
    public string Host { get; init; } = "127.0.0.1:6443";
}

/// <summary>Somebody who calls the API.</summary>
/// <param name="Name">The user's name.</param>
/// <param name="MayDoEverything">Whether everything is allowed, or nothing.</param>
public sealed record RestCaller(string Name, bool MayDoEverything)
{
    /// <summary>The node that a token bound to a Pod names (<c>authentication.kubernetes.io/node-name</c>); null for others.</summary>
    public string? NodeName { get; init; }
}
