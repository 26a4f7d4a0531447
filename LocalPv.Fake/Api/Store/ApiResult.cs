using System.Collections.Immutable;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Store;

/// <summary>
/// What the server answers to one request: an <see cref="Error"/>, an <see cref="Object"/>, a list, or a successful Status.
/// </summary>
public sealed class ApiResult
{
    /// <summary>Why not, or null.</summary>
    public StatusError? Error { get; private init; }

    /// <summary>The object, or null for a list or a Status.</summary>
    public KubernetesObject? Object { get; private init; }

    /// <summary>Whether the object was made by this request (201).</summary>
    public bool Created { get; init; }

    /// <summary>Whether the request was done and answers with a Status, which then says this.</summary>
    public JsonMap? StatusDetails { get; private init; }

    /// <summary>A list's items.</summary>
    public ImmutableArray<KubernetesObject> Items { get; private init; } = [];

    /// <summary>A list's version.</summary>
    public string ResourceVersion { get; private init; } = "";

    /// <summary>The token of the next page, or empty.</summary>
    public string Continue { get; private init; } = "";

    /// <summary>How many items follow the page, where the server can tell (no label or field selector).</summary>
    public long? RemainingItemCount { get; private init; }

    /// <summary>What the client should be warned of.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>A failure.</summary>
    public static ApiResult Failed(StatusError error) => new() { Error = error };

    /// <summary>An object.</summary>
    public static ApiResult Of(KubernetesObject answer) => new() { Object = answer };

    /// <summary>An object that was just made.</summary>
    public static ApiResult Made(KubernetesObject answer) => new() { Object = answer, Created = true };

    /// <summary>Done, and answered with a Status with these details.</summary>
    public static ApiResult Done(JsonMap details) => new() { StatusDetails = details };

    /// <summary>A page of a list.</summary>
    public static ApiResult Page(ImmutableArray<KubernetesObject> items, string resourceVersion, string next, long? remaining) => new()
    {
        Items = items,
        ResourceVersion = resourceVersion,
        Continue = next,
        RemainingItemCount = remaining,
    };

    /// <summary>The same answer with warnings.</summary>
    public ApiResult WithWarnings(ImmutableArray<string> warnings) => warnings.IsEmpty ? this : new()
    {
        Error = Error,
        Object = Object,
        Created = Created,
        StatusDetails = StatusDetails,
        Items = Items,
        ResourceVersion = ResourceVersion,
        Continue = Continue,
        RemainingItemCount = RemainingItemCount,
        Warnings = warnings,
    };
}
