namespace LocalPv.Sim.Checking.Liveness;

/// <summary>L11: Pods without claims of ours are placed, whatever becomes of the extender. Source: kubernetes#60616, stork#99.</summary>
internal sealed class L11OthersAreNotDelayed()
    : LivenessRule("L11", "Pods without claims of ours are not held up.", TimeSpan.FromMinutes(7))
{
    /// <inheritdoc/>
    public override string? Pending()
    {
        var oracle = new PlacementOracle(Truth);
        foreach (var pod in Truth.Pods.Values)
        {
            if (pod.NodeName.Length == 0 && !pod.IsBeingDeleted && !pod.ClaimNames.Any() && oracle.WhereCouldRun(pod) is { } node)
            {
                return $"Pod {pod.Key} without claims has no node, but it could run on {node}.";
            }
        }

        return null;
    }
}
