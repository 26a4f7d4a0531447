using System.Collections.Immutable;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Scheduling;

/// <summary>
/// One term of an affinity between Pods: the Pods it is about, and the label of nodes within whose equal values they count as together.
/// Of namespace selectors the empty one and those on the name of the namespace are understood.
/// </summary>
internal sealed class AffinityTerm
{
    private const string NamespaceNameLabel = "kubernetes.io/metadata.name";

    private readonly JsonMap? _selector;
    private readonly JsonMap? _namespaceSelector;
    private readonly ImmutableArray<string> _namespaces;

    private AffinityTerm(Pod owner, JsonMap term, long weight)
    {
        _selector = term.Map("labelSelector");
        _namespaceSelector = term.Map("namespaceSelector");
        _namespaces = [.. term.List("namespaces")?.Texts() ?? []];
        if (_namespaces.IsEmpty && _namespaceSelector is null)
        {
            _namespaces = [owner.Namespace];
        }

        TopologyKey = term.Text("topologyKey") ?? "";
        Weight = weight;
    }

    /// <summary>The label of nodes.</summary>
    public string TopologyKey { get; }

    /// <summary>What it counts in the score; 0 for a term that must hold.</summary>
    public long Weight { get; }

    /// <summary>The terms that must hold.</summary>
    public static ImmutableArray<AffinityTerm> ReadRequired(Pod owner, JsonMap? affinity) =>
    [
        .. (affinity?.List("requiredDuringSchedulingIgnoredDuringExecution")?.Maps() ?? [])
            .Select(term => new AffinityTerm(owner, term, 0)),
    ];

    /// <summary>The terms that raise the score.</summary>
    public static ImmutableArray<AffinityTerm> ReadPreferred(Pod owner, JsonMap? affinity) =>
    [
        .. (affinity?.List("preferredDuringSchedulingIgnoredDuringExecution")?.Maps() ?? [])
            .Select(item => new AffinityTerm(
                owner, item.Map("podAffinityTerm") ?? JsonMap.Empty, item.Number("weight") ?? 0)),
    ];

    /// <summary>Whether the term is about a Pod.</summary>
    public bool Matches(Pod pod) =>
        (_namespaces.Contains(pod.Namespace) || NamespaceMatches(pod.Namespace))
        && NodeSelectors.LabelSelectorMatches(_selector, pod.Labels);

    private bool NamespaceMatches(string name) => _namespaceSelector is not null
        && NodeSelectors.LabelSelectorMatches(_namespaceSelector, JsonMap.Of((NamespaceNameLabel, name)));
}
