using System.Collections.Immutable;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api;

/// <summary>One of the reasons for a failure, about one field.</summary>
public sealed record ApiStatusCause(string Reason, string Message, string Field);

/// <summary>A failed call as the API server reports it: <c>metav1.Status</c>.</summary>
/// <param name="Code">The HTTP status.</param>
/// <param name="Reason">Such as <c>NotFound</c>, <c>AlreadyExists</c>, <c>Conflict</c>, <c>Invalid</c>; empty where the server gives
/// none.</param>
/// <param name="Message">For a person.</param>
public sealed record ApiStatus(int Code, string Reason, string Message)
{
    /// <summary>Whether the status has a <c>details</c> object at all, even an empty one.</summary>
    public bool HasDetails { get; init; }

    /// <summary>The object's name; empty for none.</summary>
    public string Name { get; init; } = "";

    /// <summary>The API group; empty for none.</summary>
    public string Group { get; init; } = "";

    /// <summary>The kind or the plural, whichever the server says in this case; empty for none.</summary>
    public string Kind { get; init; } = "";

    /// <summary>The object's uid; empty for none.</summary>
    public string Uid { get; init; } = "";

    /// <summary>The fields at fault.</summary>
    public ImmutableArray<ApiStatusCause> Causes { get; init; } = [];

    /// <summary>How long to wait; null for none.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>In an expired list: a token with which the list can go on, inconsistently; empty for none.</summary>
    public string Continue { get; init; } = "";

    /// <summary>A failure whose details name an object by its plural: not found, already there, conflict.</summary>
    public static ApiStatus About(int code, string reason, string message, ResourceType type, string name) =>
        new(code, reason, message) { HasDetails = true, Name = name, Group = type.Group, Kind = type.Plural };

    /// <summary>The <c>Status</c> object.</summary>
    public JsonMap ToTree() => JsonMap.Of(
        ("kind", "Status"),
        ("apiVersion", "v1"),
        ("metadata", JsonMap.Of(("continue", Present(Continue)))),
        ("status", "Failure"),
        ("message", Message),
        ("reason", Present(Reason)),
        ("details", HasDetails ? Details() : null),
        ("code", Code));

    private static JsonTree? Present(string text) => text.Length == 0 ? null : (JsonTree)text;

    private JsonMap Details() => JsonMap.Of(
        ("name", Present(Name)),
        ("group", Present(Group)),
        ("kind", Present(Kind)),
        ("uid", Present(Uid)),
        ("causes", Causes.IsEmpty ? null : new JsonList([.. Causes.Select(CauseTree)])),
        ("retryAfterSeconds", RetryAfterSeconds is { } seconds ? (JsonTree)(long)seconds : null));

    private static JsonTree CauseTree(ApiStatusCause cause) => JsonMap.Of(
        ("reason", Present(cause.Reason)), ("message", Present(cause.Message)), ("field", Present(cause.Field)));
}
