using System.Collections.Immutable;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Core.Ports;

/// <summary>A request to the API server, as data. A closed set: the nested cases are all there are.</summary>
public abstract record ClusterRequest
{
    private ClusterRequest()
    {
    }

    /// <summary>The type of object it is about.</summary>
    public abstract ResourceType Resource { get; }

    /// <summary>Whether the request can change something, so that a lost answer leaves it in doubt.</summary>
    public bool IsWrite => this is not (Get or List);

    /// <summary>Reads one object as it is now.</summary>
    public sealed record Get(ResourceType Type, ObjectKey Key) : ClusterRequest
    {
        /// <inheritdoc/>
        public override ResourceType Resource => Type;
    }

    /// <summary>Reads all objects that match, a page at a time.</summary>
    /// <param name="Type">The type.</param>
    /// <param name="Selector">Which objects.</param>
    /// <param name="ResourceVersion">Empty: as it is now. "0": any version the server has at hand, possibly old.</param>
    /// <param name="Limit">The largest page; 0 for all at once.</param>
    /// <param name="Continue">The token of the page before, or empty.</param>
    public sealed record List(ResourceType Type, ObjectSelector Selector, string ResourceVersion = "", int Limit = 0, string Continue = "")
        : ClusterRequest
    {
        /// <inheritdoc/>
        public override ResourceType Resource => Type;
    }

    /// <summary>Makes an object. <paramref name="Namespace"/> is empty for cluster-scoped types.</summary>
    public sealed record Create(ResourceType Type, string Namespace, JsonMap Body) : ClusterRequest
    {
        /// <inheritdoc/>
        public override ResourceType Resource => Type;
    }

    /// <summary>
    /// Applies a JSON merge patch (RFC 7386). With <c>metadata.resourceVersion</c> (or uid) in the patch it is refused as a conflict
    /// when the object has changed. <paramref name="Subresource"/> is empty or <c>status</c>.
    /// </summary>
    public sealed record Patch(ResourceType Type, ObjectKey Key, JsonMap Changes, string Subresource = "") : ClusterRequest
    {
        /// <inheritdoc/>
        public override ResourceType Resource => Type;
    }

    /// <summary>Replaces an object; refused as a conflict when its resourceVersion is not the current one.</summary>
    public sealed record Replace(ResourceType Type, ObjectKey Key, JsonMap Body, string Subresource = "") : ClusterRequest
    {
        /// <inheritdoc/>
        public override ResourceType Resource => Type;
    }

    /// <summary>Creates the subresource of an object that is made by POST: a Pod's <c>binding</c>.</summary>
    public sealed record CreateSubresource(ResourceType Type, ObjectKey Key, string Subresource, JsonMap Body) : ClusterRequest
    {
        /// <inheritdoc/>
        public override ResourceType Resource => Type;
    }

    /// <summary>Deletes an object; refused as a conflict when a given uid or resourceVersion is not the current one.</summary>
    public sealed record Delete(ResourceType Type, ObjectKey Key, string? Uid = null, string? ResourceVersion = null) : ClusterRequest
    {
        /// <summary>How long a Pod has to end; null for its own default.</summary>
        public int? GracePeriodSeconds { get; init; }

        /// <summary>
        /// What becomes of what it owns: <c>Background</c>, <c>Foreground</c> or <c>Orphan</c>; null for the type's default.
        /// </summary>
        public string? PropagationPolicy { get; init; }

        /// <inheritdoc/>
        public override ResourceType Resource => Type;
    }
}

/// <summary>Which objects of a type: all (default), one namespace's, by label, by field. Selectors are in Kubernetes' own syntax.</summary>
public sealed record ObjectSelector(string Namespace = "", string Labels = "", string Fields = "")
{
    /// <summary>Every object of the type, in every namespace.</summary>
    public static ObjectSelector Everything { get; } = new();
}

/// <summary>
/// The API server's answer. <paramref name="Object"/>: the object as it is after the request (null for a list, or a deletion that
/// answered with a Status). <paramref name="Items"/>: a list's items. <paramref name="ResourceVersion"/>: a list's version, from which
/// a watch continues. <paramref name="Continue"/>: the token of the next page, empty on the last.
/// </summary>
public sealed record ClusterAnswer(
    KubernetesObject? Object, ImmutableArray<KubernetesObject> Items, string ResourceVersion, string Continue)
{
    /// <summary>An answer with one object.</summary>
    public static ClusterAnswer Of(KubernetesObject? answer) => new(answer, [], answer?.ResourceVersion ?? "", "");
}
