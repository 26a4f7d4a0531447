using LocalPv.Core.Kubernetes;
using LocalPv.Core.Provisioning;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;

namespace LocalPv.Sim.Scenarios;

/// <summary>Follows the history of the API server and tells what a person would want to know of it.</summary>
internal sealed class MilestoneRecorder
{
    private readonly Instant _start;
    private readonly List<Milestone> _milestones = [];

    internal MilestoneRecorder(FakeApiServer server, Instant start)
    {
        _start = start;
        server.Committed += Follow;
    }

    internal IReadOnlyList<Milestone> Milestones => _milestones;

    internal void Add(Instant now, string subject, string what) => _milestones.Add(new Milestone(now - _start, subject, what));

    private void Follow(Change change)
    {
        foreach (var what in Describe(change.Previous, change.Type == ChangeType.Deleted ? null : change.Object))
        {
            Add(change.At, $"{change.Object.Type.Kind} {change.Object.Name}", what);
        }
    }

    /// <summary>What a person would want to know of a change; null stands for an object that is not there.</summary>
    internal static IEnumerable<string> Describe(KubernetesObject? before, KubernetesObject? after) => (after ?? before) switch
    {
        PersistentVolumeClaim => Claim(before as PersistentVolumeClaim, after as PersistentVolumeClaim),
        PersistentVolume => Volume(before as PersistentVolume, after as PersistentVolume),
        Pod => PodChange(before as Pod, after as Pod),
        NodeLocalStorage => Storage(before as NodeLocalStorage, after as NodeLocalStorage),
        _ => [],
    };

    private static IEnumerable<string> Claim(PersistentVolumeClaim? before, PersistentVolumeClaim? after)
    {
        if (after is null)
        {
            yield return "is gone";
            yield break;
        }

        if (before is null)
        {
            yield return $"wants {after.RequestedStorage} of {after.StorageClassName}";
        }

        if (after.SelectedNode != before?.SelectedNode)
        {
            yield return after.SelectedNode is { } node ? $"selected-node: {node}" : $"selected-node cleared: {LastFailure(after)}";
        }

        if (after.Phase == "Bound" && before?.Phase != "Bound")
        {
            yield return "Bound";
        }
    }

    private static string LastFailure(PersistentVolumeClaim claim)
    {
        var entries = FailedOn.Read(claim.Annotation(WellKnown.FailedOnAnnotation)).Entries;
        return entries.IsEmpty ? "no reason given" : entries.MaxBy(entry => entry.Time) is var last ? $"{last!.Node}: {last.Message}" : "";
    }

    private static IEnumerable<string> Volume(PersistentVolume? before, PersistentVolume? after)
    {
        if (before is null && after is not null)
        {
            yield return $"made on {after.HostName}: {after.Capacity} at {after.LocalPath}";
        }

        if (after is null)
        {
            yield return "is gone";
        }
        else if (before is not null && after.Phase != before.Phase)
        {
            yield return after.Phase;
        }
    }

    private static IEnumerable<string> PodChange(Pod? before, Pod? after)
    {
        if (after is null)
        {
            yield return "is gone";
        }
        else if (after.NodeName != (before?.NodeName ?? ""))
        {
            yield return $"placed on {after.NodeName}";
        }
        else if (after.Phase != before?.Phase)
        {
            yield return after.Phase;
        }
    }

    private static IEnumerable<string> Storage(NodeLocalStorage? before, NodeLocalStorage? after)
    {
        if (after is not null && (before is null || after.Phase != before.Phase))
        {
            yield return after.Phase == "Ready"
                ? $"Ready: {after.Status.Text("free")} free of {after.Status.Text("capacity")}"
                : after.Phase;
        }
    }
}
