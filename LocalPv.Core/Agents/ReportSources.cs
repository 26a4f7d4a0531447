using System.Collections.Immutable;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.VolumeGroups;

namespace LocalPv.Core.Agents;

/// <summary>
/// All that the content of a report follows from, but the time of its scan: the report as it is published, the plan for its group (made
/// anew with every scan that saw something else), and what stands beside them.
/// </summary>
internal sealed record ReportSources(
    NodeLocalStorage Published,
    VolumeGroupPlan? Plan,
    string ChangeError,
    bool GroupRemoved,
    string Machine,
    bool IsHung,
    string? ScanError,
    ImmutableArray<string> Orphans)
{
    /// <summary>
    /// Whether nothing has changed since. Trees and plans are compared by instance, which costs nothing: a new one that says the same is
    /// looked at in vain, once.
    /// </summary>
    internal bool IsAs(ReportSources other) =>
        ReferenceEquals(Published, other.Published)
        && ReferenceEquals(Plan, other.Plan)
        && GroupRemoved == other.GroupRemoved
        && IsHung == other.IsHung
        && ChangeError == other.ChangeError
        && Machine == other.Machine
        && ScanError == other.ScanError
        && Orphans.AsSpan().SequenceEqual(other.Orphans.AsSpan());
}
