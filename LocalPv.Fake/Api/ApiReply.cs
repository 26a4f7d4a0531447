using System.Collections.Immutable;
using LocalPv.Core.Kubernetes;

namespace LocalPv.Fake.Api;

/// <summary>
/// The store's answer to an <see cref="ApiCall"/>: a failure, or an object (<paramref name="Code"/> 200, or 201 where it was created), or
/// a list,
/// or neither: a deletion that has nothing left to show, which the server answers with a Status of success.
/// </summary>
public sealed record ApiReply(int Code)
{
    /// <summary>Why it failed; null where it did not.</summary>
    public ApiStatus? Failure { get; init; }

    /// <summary>The object as it is after the call; null for lists and for deletions that answer with a Status.</summary>
    public KubernetesObject? Object { get; init; }

    /// <summary>The uid of an object that is gone and was answered with a Status.</summary>
    public string DeletedUid { get; init; } = "";

    /// <summary>A list's items, in order of namespace and name; default for anything but a list.</summary>
    public ImmutableArray<KubernetesObject> Items { get; init; }

    /// <summary>A list's version.</summary>
    public string ResourceVersion { get; init; } = "";

    /// <summary>The token of the next page; empty on the last.</summary>
    public string Continue { get; init; } = "";

    /// <summary>How many items are left after this page, where the server knows (no selector).</summary>
    public long? RemainingItemCount { get; init; }

    /// <summary>What to tell the caller beside the answer, one header each.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>A failure.</summary>
    public static ApiReply Failed(ApiStatus failure) => new(failure.Code) { Failure = failure };

    /// <summary>An object.</summary>
    public static ApiReply Of(KubernetesObject found, int code = 200) => new(code) { Object = found };
}
