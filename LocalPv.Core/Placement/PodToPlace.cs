using System.Collections.Immutable;
using LocalPv.Core.Kubernetes;

namespace LocalPv.Core.Placement;

/// <summary>A Pod that the scheduler wants placed, reduced to what decides about its storage.</summary>
/// <param name="Namespace">Its namespace, which is its claims' too.</param>
/// <param name="Name">Its name.</param>
/// <param name="Uid">Its identity: an answer to the same Pod replaces the one before.</param>
/// <param name="ClaimNames">The names of the claims it uses, those of its generic ephemeral volumes included; each once.</param>
public sealed record PodToPlace(string Namespace, string Name, string Uid, ImmutableArray<string> ClaimNames)
{
    /// <summary>The same of a whole Pod.</summary>
    public static PodToPlace From(Pod pod) => new(pod.Namespace, pod.Name, pod.Uid, [.. pod.ClaimNames.Distinct()]);

    /// <summary>As people write it: <c>namespace/name</c>.</summary>
    public override string ToString() => Namespace + "/" + Name;
}
