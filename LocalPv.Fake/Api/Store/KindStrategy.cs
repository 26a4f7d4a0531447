using System.Collections.Immutable;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Fake.Api.Store;

/// <summary>
/// The rules of one kind, without state. The server calls, for a create: <see cref="Prune"/>, <see cref="Default"/>,
/// <see cref="PrepareForCreate"/>, <see cref="Validate"/>; for an update: Prune, Default, <see cref="PrepareForUpdate"/>, Validate,
/// <see cref="ValidateUpdate"/>. This one is the plain object: anything goes.
/// </summary>
public class KindStrategy
{
    /// <summary>The rules of kinds that have none of their own.</summary>
    public static KindStrategy Plain { get; } = new();

    /// <summary>How names of the kind are judged.</summary>
    public virtual NameRule Names => NameRule.Subdomain;

    /// <summary>
    /// Drops fields that the kind does not have, beyond what its shape says, and adds their paths to <paramref name="unknown"/>. What is
    /// shared with <paramref name="old"/> was pruned before.
    /// </summary>
    public virtual JsonMap Prune(JsonMap body, JsonMap? old, ref ImmutableArray<string> unknown) => body;

    /// <summary>Fills in what the kind's version defaults, for creates and updates alike.</summary>
    public virtual JsonMap Default(JsonMap body) => body;

    /// <summary>Sets what a client cannot, such as the first status, and drops what it may not.</summary>
    public virtual JsonMap PrepareForCreate(Instant now, JsonMap body) => body;

    /// <summary>Keeps what an update through <paramref name="subresource"/> (empty: the object itself) may not change.</summary>
    public virtual JsonMap PrepareForUpdate(Instant now, JsonMap body, JsonMap old, string subresource) => body;

    /// <summary>What is wrong with the object as it would be stored. <paramref name="old"/> is null for a create.</summary>
    public virtual void Validate(JsonMap body, JsonMap? old, FieldErrors errors)
    {
    }

    /// <summary>What is wrong with the change.</summary>
    public virtual void ValidateUpdate(JsonMap body, JsonMap old, string subresource, FieldErrors errors)
    {
    }

    /// <summary>How long an object may take to end when its deletion is asked for without a wish; 0 for at once.</summary>
    public virtual int DefaultGraceSeconds(JsonMap body) => 0;
}
