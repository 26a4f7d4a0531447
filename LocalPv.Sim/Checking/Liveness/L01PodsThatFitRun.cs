namespace LocalPv.Sim.Checking.Liveness;

/// <summary>
/// L01: every Pod that can be placed by the truth is placed. The oracle knows what is free and whole; the claims that are bound are fixed.
/// </summary>
internal sealed class L01PodsThatFitRun()
    : LivenessRule("L01", "Every Pod for which there is room is placed.", TimeSpan.FromMinutes(12))
{
    /// <inheritdoc/>
    public override string? Pending()
    {
        var oracle = new PlacementOracle(Truth);
        foreach (var pod in Truth.Pods.Values)
        {
            if (pod.NodeName.Length == 0 && !pod.IsBeingDeleted && pod.ClaimNames.Any() && oracle.WhereCouldRun(pod) is { } node)
            {
                return $"Pod {pod.Key} has no node, but it could run on {node}.";
            }
        }

        return null;
    }
}
