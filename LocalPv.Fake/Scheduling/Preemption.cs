using System.Collections.Immutable;
using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Scheduling;

/// <summary>The Pods that are driven away from a node for another.</summary>
/// <param name="Node">The node.</param>
/// <param name="Victims">The Pods, the most important first.</param>
/// <param name="Outranked">Less important Pods that were to go to the node and have to look again.</param>
internal sealed record Preempted(string Node, ImmutableArray<PodNeeds> Victims, ImmutableArray<PodNeeds> Outranked);

/// <summary>
/// Looks for a node on which a Pod would fit if less important ones went (<c>framework/preemption</c>,
/// <c>plugins/defaultpreemption</c>). Only the in-tree filters are asked: an extender that does not say that it takes part in preemption
/// (none here does) is passed over, so that a node which it turned away without calling it unresolvable may lose Pods for nothing.
/// PodDisruptionBudgets are not looked at.
/// </summary>
internal sealed class Preemption(PodNeeds pod, PodClaims claims, ClusterPicture picture, VolumeBinder binder)
{
    private const string Unneeded = "expected at least one victim pod on node";

    // Enough candidates to choose from (MinCandidateNodesAbsolute).
    private const int CandidatesMax = 100;

    /// <summary>
    /// Why the Pod may not drive others away, or null: its policy, or because Pods are already going for it on the node it is to go to.
    /// </summary>
    public string? Ineligible(Diagnosis diagnosis)
    {
        if (pod.NeverPreempts)
        {
            return "not eligible due to preemptionPolicy=Never.";
        }

        return pod.NominatedNode.Length > 0 && !diagnosis.IsUnresolvable(pod.NominatedNode) && PodsOn(pod.NominatedNode)
            .Any(other => other.Pod.IsBeingDeleted && other.Priority < pod.Priority)
            ? "not eligible due to terminating pod on the nominated node."
            : null;
    }

    /// <summary>
    /// The best choice, or null where none helps; notes in <paramref name="diagnosis"/> why a node that was tried would not do.
    /// </summary>
    public Preempted? Find(Diagnosis diagnosis)
    {
        // Most clusters have Pods of one priority: then nobody has to be looked at.
        if (!picture.AnyBelow(pod.Priority))
        {
            return null;
        }

        var candidates = new List<(NodeState Node, List<PodNeeds> Victims)>();
        var relations = PodRelations.Of(pod, picture);
        foreach (var node in picture.Nodes)
        {
            if (diagnosis.IsResolvable(node.Name) && candidates.Count < CandidatesMax
                && Victims(node, relations, diagnosis) is { } victims)
            {
                candidates.Add((node, victims));
            }
        }

        if (candidates.Count == 0)
        {
            return null;
        }

        var (best, going) = candidates.MinBy(candidate => candidate.Victims, Comparer<List<PodNeeds>>.Create(CompareHarm));
        return new Preempted(best.Name, [.. going], [.. picture.Nominations.Below(pod, best.Name)]);
    }

    // SelectVictimsOnNode: without all that are less important; then as many as possible come back, the most important first.
    private List<PodNeeds>? Victims(NodeState node, PodRelations relations, Diagnosis diagnosis)
    {
        var lower = PodsOn(node.Name).Where(other => other.Priority < pod.Priority).ToList();
        if (lower.Count == 0)
        {
            return null;
        }

        var trial = new NodeTrial(pod, claims, binder, node, relations);
        foreach (var other in picture.Nominations.Before(pod, node.Name))
        {
            trial.Add(other);
        }

        lower.ForEach(trial.Remove);
        if (trial.FirstRejection() is { } rejection)
        {
            diagnosis.NotePreemption(node.Name, rejection.Reasons);
            return null;
        }

        var victims = new List<PodNeeds>();
        lower.Sort(CompareImportance);
        foreach (var other in lower)
        {
            trial.Add(other);
            if (trial.FirstRejection() is not null)
            {
                trial.Remove(other);
                victims.Add(other);
            }
        }

        if (victims.Count > 0)
        {
            return victims;
        }

        diagnosis.NotePreemption(node.Name, [$"{Unneeded} \"{node.Name}\""]);
        return null;
    }

    private IEnumerable<PodNeeds> PodsOn(string node) => picture.Placed.Where(one => one.Node.Name == node).Select(one => one.Pod);

    // The most important first: higher priority, then longer at work.
    private static int CompareImportance(PodNeeds a, PodNeeds b)
    {
        var order = b.Priority.CompareTo(a.Priority);
        order = order != 0 ? order : string.CompareOrdinal(StartOf(a), StartOf(b));
        return order != 0 ? order : string.CompareOrdinal(a.Pod.Uid, b.Pod.Uid);
    }

    // pickOneNodeForPreemption: the least important victim at the top, the smallest sum of priorities, the fewest victims, the one whose
    // most important victim began last.
    private static int CompareHarm(List<PodNeeds> a, List<PodNeeds> b)
    {
        var order = a[0].Priority.CompareTo(b[0].Priority);
        order = order != 0 ? order : SumOf(a).CompareTo(SumOf(b));
        order = order != 0 ? order : a.Count.CompareTo(b.Count);
        return order != 0 ? order : string.CompareOrdinal(StartOf(b[0]), StartOf(a[0]));
    }

    // Priorities may be negative, which must not make more victims look better.
    private static Int128 SumOf(List<PodNeeds> victims) =>
        victims.Aggregate((Int128)0, (sum, victim) => sum + victim.Priority + int.MaxValue + 1L);

    private static string StartOf(PodNeeds pod) => (pod.Pod.Tree.At("status", "startTime") as JsonText)?.Value ?? "9999";
}
