using System.Collections.Immutable;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Sim.WhatIf;

/// <summary>What would happen.</summary>
/// <param name="Pods">The Pods that wait, and those of nodes that are gone, in the order in which they were placed.</param>
/// <param name="Groups">How full each volume group would be.</param>
public sealed record WhatIfResult(ImmutableArray<PodFate> Pods, ImmutableArray<GroupFill> Groups)
{
    /// <summary>Whether every Pod has a place.</summary>
    public bool AllFit => Pods.All(pod => pod.Node is not null);

    /// <summary>For scripts. Sizes are in bytes.</summary>
    public JsonMap ToJson() => JsonMap.Of(
        ("fits", AllFit ? JsonBoolean.True : JsonBoolean.False),
        ("pods", new JsonList([.. Pods.Select(pod => (JsonTree)JsonMap.Of(
            ("name", pod.Name),
            ("was", pod.Was),
            ("node", pod.Node is { } node ? new JsonText(node) : null),
            ("claimsLost", JsonList.OfTexts(pod.ClaimsLost)),
            ("whyNot", new JsonList(
                [.. pod.WhyNot.Select(why => (JsonTree)JsonMap.Of(("node", why.Node), ("reason", why.Reason)))]))))])),
        ("volumeGroups", new JsonList([.. Groups.Select(group => (JsonTree)JsonMap.Of(
            ("node", group.Node),
            ("class", group.Class),
            ("name", group.Group),
            ("capacity", group.Capacity.Value),
            ("free", group.Free.Value),
            ("promised", group.Promised.Value)))])));
}

/// <summary>What becomes of a Pod.</summary>
/// <param name="Name">Namespace and name.</param>
/// <param name="Was">The node that it ran on; empty for one that waits.</param>
/// <param name="Node">Where it would go; null where it fits nowhere.</param>
/// <param name="ClaimsLost">Its claims whose volumes are on a lost node: it goes there only with new ones, without their data.</param>
/// <param name="WhyNot">Why it fits nowhere.</param>
public sealed record PodFate(
    string Name, string Was, string? Node, ImmutableArray<string> ClaimsLost, ImmutableArray<WhyNot> WhyNot);

/// <summary>Why a Pod does not fit on a node.</summary>
public sealed record WhyNot(string Node, string Reason);

/// <summary>A volume group as one class sees it: its size, what is free of it now, and what would be taken of that.</summary>
public sealed record GroupFill(string Node, string Class, string Group, Bytes Capacity, Bytes Free, Bytes Promised);
