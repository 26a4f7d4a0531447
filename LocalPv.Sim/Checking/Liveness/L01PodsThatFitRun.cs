using LocalPv.Core.Units;

namespace LocalPv.Sim.Checking.Liveness;

/// <summary>
/// L01: every Pod that can be placed by the truth is placed. The oracle knows what is free and whole; the claims that are bound are fixed.
/// What bound claims have lost is room as soon as an extender that has just started must know it; a scheduler that looks
/// at some nodes at a time may miss the one with room again and again, as long as nothing disturbs the turns of the Pods that wait.
/// </summary>
internal sealed class L01PodsThatFitRun(ExtenderView view)
    : LivenessRule("L01", "Every Pod for which there is room is placed.", TimeSpan.FromMinutes(12))
{
    private Instant _healedAt;

    /// <inheritdoc/>
    public override void OnHealed(Instant now) => _healedAt = now;

    /// <inheritdoc/>
    public override string? Pending()
    {
        var oracle = new PlacementOracle(Truth, countsLost: Truth.Now - _healedAt < view.LostMemory);
        foreach (var pod in Truth.Pods.Values)
        {
            if (pod.NodeName.Length == 0 && !pod.IsBeingDeleted && pod.ClaimNames.Any()
                && oracle.WhereCouldRun(pod, node => !view.MayBeMissed(pod, node)) is { } node)
            {
                return $"Pod {pod.Key} has no node, but it could run on {node}.";
            }
        }

        return null;
    }
}
