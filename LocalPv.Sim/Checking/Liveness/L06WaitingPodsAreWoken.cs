using LocalPv.Core.Kubernetes;
using LocalPv.Core.Units;

namespace LocalPv.Sim.Checking.Liveness;

/// <summary>
/// L06: a Pod for which there has been room ever since the faults ended is tried again before the scheduler's own flush of five minutes has
/// long passed. Source: kubernetes#122019.
/// </summary>
internal sealed class L06WaitingPodsAreWoken()
    : LivenessRule("L06", "Room for a waiting Pod wakes it.", TimeSpan.FromMinutes(7))
{
    private readonly SortedSet<string> _fitting = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public override void OnHealed(Instant now)
    {
        _fitting.Clear();
        foreach (var (pod, _) in Fitting())
        {
            _fitting.Add(pod.Uid);
        }
    }

    /// <inheritdoc/>
    public override string? Pending()
    {
        foreach (var (pod, node) in Fitting())
        {
            if (_fitting.Contains(pod.Uid))
            {
                return $"Pod {pod.Key} could have run on {node} all the time, and nobody looks at it.";
            }
        }

        return null;
    }

    private IEnumerable<(Pod Pod, string Node)> Fitting()
    {
        var oracle = new PlacementOracle(Truth);
        foreach (var pod in Truth.Pods.Values)
        {
            if (pod.NodeName.Length == 0 && !pod.IsBeingDeleted && pod.ClaimNames.Any() && oracle.WhereCouldRun(pod) is { } node)
            {
                yield return (pod, node);
            }
        }
    }
}
