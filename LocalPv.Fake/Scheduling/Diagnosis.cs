using System.Collections.Immutable;
using System.Globalization;

namespace LocalPv.Fake.Scheduling;

/// <summary>
/// What a scheduling cycle found out about the nodes that are not for the Pod, and the message it ends in
/// (<c>pkg/scheduler/framework/types.go</c>, <c>FitError</c>).
/// </summary>
internal sealed class Diagnosis
{
    private const string PreemptionUseless = "Preemption is not helpful for scheduling";
    private const string NoVictims = "No preemption victims found for incoming pod";
    private readonly SortedDictionary<string, FilterStatus> _nodes = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, ImmutableArray<string>> _preemption = new(StringComparer.Ordinal);

    /// <summary>Who turned nodes, or the Pod, away.</summary>
    public SchedulerPlugin Plugins { get; private set; }

    /// <summary>Why the Pod fits no node whatever; null where nodes were looked at one by one.</summary>
    public string? PreFilterMessage { get; private set; }

    /// <summary>How many nodes have a status.</summary>
    public int Count => _nodes.Count;

    /// <summary>The Pod fits no node, for this reason.</summary>
    public void RejectPod(SchedulerPlugin plugin, string message)
    {
        PreFilterMessage = message;
        Plugins |= plugin;
    }

    /// <summary>A node is not for the Pod.</summary>
    public void Reject(string node, FilterStatus status)
    {
        _nodes[node] = status;
        Plugins |= status.Plugin;
    }

    /// <summary>An extender gave this reason; the extender counts as a rejector only when the caller says so.</summary>
    public void RejectByExtender(string node, bool unresolvable, string reason) =>
        _nodes[node] = FilterStatus.Of(SchedulerPlugin.None, unresolvable, reason);

    /// <summary>Whether a node might do if others left it.</summary>
    public bool IsResolvable(string node) =>
        PreFilterMessage is null && _nodes.TryGetValue(node, out var status) && !status.Unresolvable;

    /// <summary>Whether a node would not do whoever left it.</summary>
    public bool IsUnresolvable(string node) =>
        PreFilterMessage is not null || (_nodes.TryGetValue(node, out var status) && status.Unresolvable);

    /// <summary>Why a node would not do even if others left it.</summary>
    public void NotePreemption(string node, ImmutableArray<string> reasons) => _preemption[node] = reasons;

    /// <summary>An extender took nodes away.</summary>
    public void AddExtender() => Plugins |= SchedulerPlugin.Extender;

    /// <summary>
    /// The whole message for a Pod that fits none of <paramref name="nodeCount"/> nodes; <paramref name="ineligible"/> says why it may not
    /// drive others away. Where it does drive others away, nothing is said of that.
    /// </summary>
    public string Message(int nodeCount, SchedulerVersion version, string? ineligible, bool isPreempting)
    {
        var text = Header(nodeCount);
        if (PreFilterMessage is not null)
        {
            text += $" {PreFilterMessage}.";
        }
        else
        {
            text += Histogram(_nodes.Values.SelectMany(status => status.Reasons));
        }

        if (isPreempting)
        {
            return text;
        }

        var claims = version.ClaimsPostFilterText.Length > 0 ? version.ClaimsPostFilterText + ", " : "";
        return $"{text} {claims}preemption: {ineligible ?? Preemption(nodeCount)}";
    }

    private static string Header(int nodeCount) => string.Create(CultureInfo.InvariantCulture, $"0/{nodeCount} nodes are available:");

    private string Preemption(int nodeCount)
    {
        var candidates = PreFilterMessage is null
            ? _nodes.Where(node => !node.Value.Unresolvable).Select(node => node.Key).ToArray()
            : [];
        return Header(nodeCount) + Histogram(
            candidates.SelectMany(node => _preemption.GetValueOrDefault(node, [NoVictims]))
                .Concat(Enumerable.Repeat(PreemptionUseless, nodeCount - candidates.Length)));
    }

    private static string Histogram(IEnumerable<string> reasons)
    {
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var reason in reasons)
        {
            counts[reason] = counts.GetValueOrDefault(reason) + 1;
        }

        var lines = counts
            .Select(entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Value} {entry.Key}"))
            .Order(StringComparer.Ordinal)
            .ToArray();
        return lines.Length == 0 ? "" : $" {string.Join(", ", lines)}.";
    }
}
