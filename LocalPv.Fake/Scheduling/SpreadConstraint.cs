using System.Collections.Immutable;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Scheduling;

/// <summary>One of a Pod's <c>topologySpreadConstraints</c>.</summary>
internal sealed class SpreadConstraint
{
    private readonly JsonMap? _selector;
    private readonly string _namespace;

    private SpreadConstraint(Pod owner, JsonMap constraint)
    {
        _namespace = owner.Namespace;
        TopologyKey = constraint.Text("topologyKey") ?? "";
        SkewMax = constraint.Number("maxSkew") ?? 1;
        DomainsMin = constraint.Number("minDomains") ?? 1;
        Must = constraint.Text("whenUnsatisfiable") != "ScheduleAnyway";
        HonorsSelector = constraint.Text("nodeAffinityPolicy") != "Ignore";
        HonorsTaints = constraint.Text("nodeTaintsPolicy") == "Honor";
        _selector = Narrow(owner, constraint);
    }

    /// <summary>The label of nodes that makes the domains.</summary>
    public string TopologyKey { get; }

    /// <summary>By how much a domain may have more Pods than the one with the fewest.</summary>
    public long SkewMax { get; }

    /// <summary>Where there are fewer domains than this, the fewest count as none.</summary>
    public long DomainsMin { get; }

    /// <summary>Whether it must hold; otherwise it only lowers a score.</summary>
    public bool Must { get; }

    /// <summary>Whether nodes that the Pod does not select are left out.</summary>
    public bool HonorsSelector { get; }

    /// <summary>Whether nodes whose taints the Pod does not tolerate are left out.</summary>
    public bool HonorsTaints { get; }

    /// <summary>All constraints of a Pod.</summary>
    public static ImmutableArray<SpreadConstraint> ReadAll(Pod pod, JsonMap spec) =>
        [.. (spec.List("topologySpreadConstraints")?.Maps() ?? []).Select(constraint => new SpreadConstraint(pod, constraint))];

    /// <summary>Whether it counts a Pod.</summary>
    public bool Matches(Pod pod) => pod.Namespace == _namespace && NodeSelectors.LabelSelectorMatches(_selector, pod.Labels);

    // matchLabelKeys: only Pods with the owner's own values of these labels.
    private static JsonMap? Narrow(Pod owner, JsonMap constraint)
    {
        var selector = constraint.Map("labelSelector");
        foreach (var key in constraint.List("matchLabelKeys")?.Texts() ?? [])
        {
            if (selector is not null && owner.Label(key) is { } value)
            {
                selector = selector.WithAt(["matchLabels", key], value);
            }
        }

        return selector;
    }
}
