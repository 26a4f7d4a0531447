using LocalPv.Core.Kubernetes;
using LocalPv.Core.Units;

namespace LocalPv.Sim.Checking.Liveness;

/// <summary>
/// L06: once the faults have ended, a Pod that the extender then turns away is asked about again within a minute and a half of the
/// extender's hearing of room for it, not only by the scheduler's own flush of five minutes; and a Pod for which there has been room all
/// the time is gone from the queue before that flush has long passed. What bound claims have lost counts as room for L01 only, and
/// what a scheduler that looks at some nodes at a time has not asked about is no room: it has to find it by itself.
/// Source: kubernetes#122019.
/// </summary>
internal sealed class L06WaitingPodsAreWoken(ExtenderView view)
    : LivenessRule("L06", "Room for a waiting Pod wakes it.", TimeSpan.FromMinutes(2))
{
    // The scheduler's longest wait after failures is ten seconds, and after errors of the extender a Pod waits for as long again.
    private static readonly TimeSpan WakeMost = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan FlushMost = TimeSpan.FromMinutes(7);

    private readonly SortedSet<string> _fitting = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Instant> _roomSince = new(StringComparer.Ordinal);
    private Instant _healedAt;

    /// <inheritdoc/>
    public override void OnHealed(Instant now)
    {
        _healedAt = now;
        _fitting.Clear();
        _roomSince.Clear();
        foreach (var (pod, _) in Fitting())
        {
            _fitting.Add(pod.Uid);
        }
    }

    /// <inheritdoc/>
    public override string? Pending()
    {
        var fitting = Fitting().ToList();
        foreach (var (pod, node) in fitting)
        {
            if (_fitting.Contains(pod.Uid) && Truth.Now - _healedAt >= FlushMost)
            {
                return $"Pod {pod.Key} could have run on {node} all the time, and nobody looks at it.";
            }
        }

        return fitting.Select(entry => NotWoken(entry.Pod, entry.Node)).FirstOrDefault(problem => problem is not null);
    }

    // Follows one Pod for which there is room: one that was turned away after the faults had ended, so that nothing keeps anybody from
    // waking it. One whose claim was taken back from a node may have to keep away from it for a while.
    private string? NotWoken(Pod pod, string node)
    {
        var claims = view.ClaimsOf(pod);
        if (!view.KnowsAllFor(WakeMost) || claims.Count == 0 || claims.Count != pod.ClaimNames.Distinct(StringComparer.Ordinal).Count()
            || claims.Exists(claim => claim.SelectedNode is not null || claim.Annotation(WellKnown.FailedOnAnnotation) is not null)
            || view.AskedAt(claims[0].Key) is not { } asked || asked <= _healedAt || view.SpareFor(claims, node) is null)
        {
            _roomSince.Remove(pod.Uid);
            return null;
        }

        if (!_roomSince.TryGetValue(pod.Uid, out var since) || asked > since)
        {
            _roomSince[pod.Uid] = Truth.Now;
            return null;
        }

        return Truth.Now - since <= WakeMost
            ? null
            : $"Pod {pod.Key} was turned away at {asked}; the extender has known of room for it on {node} since {since}, "
                + "and nobody asks it.";
    }

    private IEnumerable<(Pod Pod, string Node)> Fitting()
    {
        var oracle = new PlacementOracle(Truth, countsLost: true);
        foreach (var pod in Truth.Pods.Values)
        {
            if (pod.NodeName.Length == 0 && !pod.IsBeingDeleted && pod.ClaimNames.Any()
                && oracle.WhereCouldRun(pod, node => !view.MayBeMissed(pod, node)) is { } node)
            {
                yield return (pod, node);
            }
        }
    }
}
