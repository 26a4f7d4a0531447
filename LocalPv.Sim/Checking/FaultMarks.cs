using LocalPv.Sim.Faults;

namespace LocalPv.Sim.Checking;

/// <summary>Breaks never; marks which classes of faults and which kinds of steps a run has seen.</summary>
internal sealed class FaultMarks : Invariant
{
    /// <inheritdoc/>
    public override string Id => "marks";

    /// <inheritdoc/>
    public override string Statement => "What a plan says is seen to happen.";

    /// <inheritdoc/>
    public override void OnFault(ActiveFault fault, bool hasBegun)
    {
        if (hasBegun)
        {
            Run.Marks.Hit("fault " + fault.Fault.Info.Word);
        }
    }

    /// <inheritdoc/>
    public override void OnPlanStep(Plans.TimedStep step, string? problem) =>
        Run.Marks.Hit((problem is null ? "step " : "step that could not be taken ") + step.What.GetType().Name);
}
