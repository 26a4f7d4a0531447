using System.Collections.Immutable;
using LocalPv.Sim.Plans;

namespace LocalPv.Sim.Shrinking;

/// <summary>
/// Makes a failing plan small: first by leaps that make every later try cheap (the end, all faults, most nodes, large disks, all but the
/// last operations, the waiting in between), then by delta debugging of what is left, then by simpler forms of it, as long as the same
/// invariant breaks. Since every draw of chance is keyed, what is left happens as it did before.
/// </summary>
public sealed class Shrinker
{
    private const int RoundsMax = 4;

    private static readonly TimeSpan Brief = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Afterwards = TimeSpan.FromSeconds(5);

    private readonly Func<Plan, TimeSpan?, RunReport> _run;
    private readonly Func<bool> _isTimeUp;
    private readonly string _invariant;

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

    private TimeSpan LastStep => Plan.Steps.Max(step => step.At);

    private bool IsInRecovery => Plan.HealAt is { } heal && Best.Violation!.At >= heal;

    private void ShrinkAll()
    {
        CutEnd();
        Leap();
        for (var round = 0; round < RoundsMax && !_isTimeUp(); round++)
        {
            var before = Plan.Size;
            DropSteps(step => step.What is Step.Break);
            DropSteps(step => step.What is not Step.Break);
            DropKnobs();
            ShrinkCluster();
            if (Plan.Size == before)
            {
                break;
            }

            Squeeze();
            CutEnd();
        }

        ShrinkDetails();
        DropSteps(step => step.What is not Step.Break);
    }

    // What comes after the violation does not matter. One in the recovery needs the healing, but perhaps a much earlier one.
    private void CutEnd()
    {
        var at = Best.Violation!.At;
        if (!IsInRecovery)
        {
            if (Plan.Steps.Any(step => step.At > at))
            {
                Try(Plan with { Steps = [.. Plan.Steps.Where(step => step.At <= at)] });
            }

            return;
        }

        var recovery = at - Plan.HealAt!.Value + Afterwards;
        if (recovery < Plan.Recovery)
        {
            Try(Plan with { Recovery = recovery });
        }

        foreach (var minutes in new[] { 5, 10, 20, 40 })
        {
            var end = TimeSpan.FromMinutes(minutes);
            if (end < Plan.HealAt && Try(Plan with { Steps = [.. Plan.Steps.Where(step => step.At < end)], HealAt = end }))
            {
                break;
            }
        }
    }

    // Each of these is one try, and makes all that come after it cheaper.
    private void Leap()
    {
        if (!Try(Without(step => step.What is Step.Break) with { Knobs = Knobs.None }))
        {
            Try(Without(step => step.What is Step.Break));
            Try(Plan with { Knobs = Knobs.None });
        }

        ShrinkCluster();
        if (PlanSimplifier.OneClass(Plan).Any(Try) | PlanSimplifier.SmallerDisks(Plan).Any(Try))
        {
            CutEnd();
        }

        DropKinds();
        Squeeze();
        foreach (var last in new[] { 4, 8, 16, 32 })
        {
            var early = Plan.Steps.Count(IsDispensable) - last;
            var met = 0;
            if (early > 0 && Try(Without(step => IsDispensable(step) && met++ < early)))
            {
                break;
            }
        }

        Squeeze();
    }

    // What needs no growth, no sets, no namespaces at all loses them by a try each, the most frequent first.
    private void DropKinds()
    {
        var kinds = Plan.Steps.Where(IsDispensable).GroupBy(KindOf).OrderByDescending(steps => steps.Count());
        foreach (var kind in kinds.ToArray())
        {
            Try(Without(step => IsDispensable(step) && KindOf(step) == kind.Key));
        }
    }

    private static string KindOf(TimedStep step) => step.What is Step.Delete delete ? delete.Kind : step.What.GetType().Name;

    // Nothing happens without the classes; faults have their own tries.
    private static bool IsDispensable(TimedStep step) => step.What is not (Step.MakeClass or Step.Break);

    private Plan Without(Func<TimedStep, bool> which) => Plan with { Steps = [.. Plan.Steps.Where(step => !which(step))] };

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

    // Time in which nothing is done is the dearest part of a run: waits between steps are made short, or at least shorter.
    private void Squeeze()
    {
        foreach (var most in new[] { TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(90) })
        {
            var squeezed = Squeezed(Plan, most);
            if (!Plan.Steps.IsEmpty && squeezed.Steps[^1].At < LastStep && Try(squeezed))
            {
                break;
            }
        }

        // What must be some way apart may be so in less time.
        foreach (var times in new[] { 8, 3 })
        {
            if (!Plan.Steps.IsEmpty && LastStep > Brief && Try(Faster(Plan, times)))
            {
                break;
            }
        }

        if (IsInRecovery && !Plan.Steps.IsEmpty)
        {
            var heal = LastStep + TimeSpan.FromMinutes(1);
            if (heal < Plan.HealAt)
            {
                Try(Plan with { HealAt = heal });
            }
        }
    }

    private static Plan Faster(Plan plan, int times) => plan with
    {
        Steps = [.. plan.Steps.Select(step => step with { At = TimeSpan.FromMilliseconds((long)step.At.TotalMilliseconds / times) })],
    };

    private static Plan Squeezed(Plan plan, TimeSpan most)
    {
        var steps = ImmutableArray.CreateBuilder<TimedStep>(plan.Steps.Length);
        var (before, now) = (TimeSpan.Zero, TimeSpan.Zero);
        foreach (var step in plan.Steps.OrderBy(step => step.At))
        {
            now += step.At - before < most ? step.At - before : most;
            before = step.At;
            steps.Add(step with { At = now });
        }

        return plan with { Steps = steps.MoveToImmutable() };
    }

    private void ShrinkDetails()
    {
        _ = PlanSimplifier.OneClass(Plan).Any(Try) | PlanSimplifier.SmallerDisks(Plan).Any(Try);
        for (var index = 0; index < Plan.Steps.Length; index++)
        {
            foreach (var simpler in StepSimplifier.Simpler(Plan.Steps[index]))
            {
                Try(Plan with { Steps = Plan.Steps.SetItem(index, simpler) });
            }
        }

        Squeeze();
    }

    private bool Try(Plan candidate)
    {
        if (_isTimeUp())
        {
            return false;
        }

        Runs++;
        var until = IsInRecovery ? null : (TimeSpan?)(Best.Violation!.At + Afterwards);
        var report = _run(candidate with { Title = Plan.Title }, until);
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
