using LocalPv.Core.Units;
using LocalPv.Sim.Plans;

namespace LocalPv.Sim.Shrinking;

/// <summary>
/// Makes a failing plan small: leaves out faults, operations and knobs (delta debugging), then nodes and disks, then makes what is left
/// simpler, as long as the same invariant breaks. Since every draw of chance is keyed, what is left happens as it did before.
/// </summary>
public sealed class Shrinker
{
    private static readonly TimeSpan Afterwards = TimeSpan.FromSeconds(5);

    private readonly Func<Plan, TimeSpan?, RunReport> _run;
    private readonly Func<bool> _isTimeUp;
    private readonly string _invariant;
    private TimeSpan? _limit;

    private Shrinker(RunReport failed, Func<Plan, TimeSpan?, RunReport> run, Func<bool> isTimeUp)
    {
        _invariant = failed.Violation!.Invariant;
        _run = run;
        _isTimeUp = isTimeUp;
        Best = failed;
    }

    private RunReport Best { get; set; }

    private int Runs { get; set; }

    /// <summary>
    /// The smallest plan found that breaks the same invariant as <paramref name="failed"/>, and how it was found.
    /// </summary>
    /// <param name="failed">A run that broke something.</param>
    /// <param name="run">Runs a plan, up to a moment where one is given.</param>
    /// <param name="isTimeUp">Asked before every run; when true, what is smallest by then is the answer.</param>
    public static ShrinkResult Shrink(RunReport failed, Func<Plan, TimeSpan?, RunReport> run, Func<bool> isTimeUp)
    {
        ArgumentNullException.ThrowIfNull(failed.Violation);
        var shrinker = new Shrinker(failed, run, isTimeUp);
        shrinker.ShrinkAll();
        return new ShrinkResult(failed, shrinker.Best, shrinker.Runs);
    }

    private Plan Plan => Best.Plan;

    private void ShrinkAll()
    {
        CutEnd();
        PlanSize before;
        do
        {
            before = Plan.Size;
            DropFaults();
            DropOperations();
            DropKnobs();
            ShrinkCluster();
        }
        while (Plan.Size != before && !_isTimeUp());

        ShrinkDetails();
        DropOperations();
    }

    // What comes after the violation does not matter. One in the recovery needs the healing, but perhaps a much earlier one.
    private void CutEnd()
    {
        var at = Best.Violation!.At;
        if (Plan.HealAt is not { } heal || at < heal)
        {
            _limit = at + Afterwards;
            Try(Plan with { Steps = [.. Plan.Steps.Where(step => step.At <= at)] });
            return;
        }

        Try(Plan with { Recovery = at - heal + Afterwards });
        foreach (var minutes in new[] { 5, 10, 20, 40 })
        {
            var end = TimeSpan.FromMinutes(minutes);
            if (end < heal && Try(Plan with { Steps = [.. Plan.Steps.Where(step => step.At < end)], HealAt = end }))
            {
                break;
            }
        }
    }

    private void DropFaults() => DropSteps(step => step.What is Step.Break);

    private void DropOperations() => DropSteps(step => step.What is not Step.Break);

    private void DropSteps(Func<TimedStep, bool> which)
    {
        var rest = Plan.Steps.Where(step => !which(step)).ToArray();
        DeltaDebugging.Minimize(
            [.. Plan.Steps.Where(which)],
            kept => Try(Plan with { Steps = [.. rest.Concat(kept).OrderBy(step => step.At)] }));
    }

    private void DropKnobs()
    {
        foreach (var (name, _) in Plan.Knobs.Values.ToArray())
        {
            Try(Plan with { Knobs = Plan.Knobs.Without(name) });
        }
    }

    private void ShrinkCluster()
    {
        foreach (var nodes in new[] { 1, 2, 3, Plan.Cluster.Nodes - 1 })
        {
            if (nodes > 0 && nodes < Plan.Cluster.Nodes && Try(Plan with { Cluster = Plan.Cluster with { Nodes = nodes } }))
            {
                break;
            }
        }

        if (Plan.Cluster.Disks > 1)
        {
            Try(Plan with { Cluster = Plan.Cluster with { Disks = 1 } });
        }
    }

    private void ShrinkDetails()
    {
        if (Plan.Cluster.DiskSize > Bytes.FromGibibytes(10))
        {
            Try(Plan with { Cluster = Plan.Cluster with { DiskSize = Bytes.FromGibibytes(10) } });
        }

        for (var index = 0; index < Plan.Steps.Length; index++)
        {
            foreach (var simpler in StepSimplifier.Simpler(Plan.Steps[index]))
            {
                if (!_isTimeUp())
                {
                    Try(Plan with { Steps = Plan.Steps.SetItem(index, simpler) });
                }
            }
        }

        if (Plan.HealAt is { } heal && !Plan.Steps.IsEmpty && Best.Violation!.At >= heal)
        {
            Try(Plan with { HealAt = Plan.Steps.Max(step => step.At) + TimeSpan.FromMinutes(1) });
        }
    }

    private bool Try(Plan candidate)
    {
        if (_isTimeUp())
        {
            return false;
        }

        Runs++;
        var report = _run(candidate with { Title = Plan.Title }, _limit);
        if (report.Violation?.Invariant != _invariant)
        {
            return false;
        }

        Best = report;
        return true;
    }
}

/// <summary>What shrinking came to.</summary>
/// <param name="Original">The run that failed first.</param>
/// <param name="Smallest">The run of the smallest plan that breaks the same invariant.</param>
/// <param name="Runs">How many plans were tried.</param>
public sealed record ShrinkResult(RunReport Original, RunReport Smallest, int Runs);
