using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;

namespace LocalPv.Fake.Api;

/// <summary>
/// One call of the object store with everything a REST request can say: the full door, of which <see cref="ClusterRequest"/> is the
/// part that LocalPv itself uses.
/// </summary>
/// <param name="Verb">What is wanted.</param>
/// <param name="Type">The type of object.</param>
/// <param name="Key">
/// The object. For lists and creations the name is empty; the namespace is empty for cluster-scoped types, and for a list of all
/// namespaces.
/// </param>
public sealed record ApiCall(ApiVerb Verb, ResourceType Type, ObjectKey Key)
{
    /// <summary>Empty, or such as <c>status</c>, <c>binding</c>, <c>scale</c>.</summary>
    public string Subresource { get; init; } = "";

    /// <summary>
    /// The object, or the patch (a list where it is a JSON patch), or a deletion's <c>DeleteOptions</c>; null without a body.
    /// </summary>
    public JsonTree? Body { get; init; }

    /// <summary>How a patch is written.</summary>
    public PatchFormat Format { get; init; } = PatchFormat.Merge;

    /// <summary>Who the fields that are set will belong to, in <c>managedFields</c>.</summary>
    public string FieldManager { get; init; } = "unknown";

    /// <summary>Whether an apply takes fields away from other managers instead of being refused.</summary>
    public bool Force { get; init; }

    /// <summary>Whether everything is done but the write.</summary>
    public bool DryRun { get; init; }

    /// <summary>What becomes of unknown fields.</summary>
    public FieldValidation FieldValidation { get; init; } = FieldValidation.Warn;

    /// <summary>Which objects, of a list or a deletion of many; its namespace is ignored in favour of the key's.</summary>
    public ObjectSelector Selector { get; init; } = ObjectSelector.Everything;

    /// <summary>For Get and List: the version asked for, as in the query; empty for the newest.</summary>
    public string ResourceVersion { get; init; } = "";

    /// <summary>Empty, <c>Exact</c> or <c>NotOlderThan</c>.</summary>
    public string ResourceVersionMatch { get; init; } = "";

    /// <summary>The largest page; 0 for all.</summary>
    public int Limit { get; init; }

    /// <summary>The token of the page before, or empty.</summary>
    public string Continue { get; init; } = "";

    /// <summary>For a deletion, from body or query: how long a Pod has to end; null for its default.</summary>
    public long? GracePeriodSeconds { get; init; }

    /// <summary>For a deletion, from body or query: empty, <c>Background</c>, <c>Foreground</c> or <c>Orphan</c>.</summary>
    public string PropagationPolicy { get; init; } = "";

    /// <summary>For a deletion: refused as a conflict where the object has another uid.</summary>
    public string? PreconditionUid { get; init; }

    /// <summary>For a deletion: refused as a conflict where the object has another version.</summary>
    public string? PreconditionResourceVersion { get; init; }
}
