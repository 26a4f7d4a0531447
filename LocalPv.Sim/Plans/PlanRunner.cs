using LocalPv.Core.Units;
using LocalPv.Sim.Checking;
using LocalPv.Sim.Engine;
using LocalPv.Sim.World;

namespace LocalPv.Sim.Plans;

/// <summary>
/// Runs a plan in virtual time: first the chaos, with safety checked after every event; then, where the plan heals, the recovery, in
/// which everything that can be done must be done within the bounds of the liveness invariants, and stay done.
/// </summary>
public static class PlanRunner
{
    // A plan has a few nodes: their processes have far less to do at any one moment.
    private const int EventsAtOneMomentMax = 30_000;

    // A busy minute of a plan has some thousands; what goes on like this would fill a core of a real cluster without an end.
    private const int EventsInAMinuteMax = 100_000;

    // How often it is asked what is still to be done, once a bound has passed.
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Runs <paramref name="plan"/>. An exception of the code under test is reported as a violation of <c>bug</c>: production would crash.
    /// </summary>
    public static RunReport Run(Plan plan, RunOptions? options = null)
    {
        options ??= new RunOptions();
        using var trace = new Trace(options.TraceCopy);
        var invariants = new InvariantSet(options.Invariants().Concat(options.Observers));
        var cluster = new SimulatedCluster(plan, trace, invariants);
        var run = new RunContext(cluster, new Marks());
        cluster.Loop.EventsAtOneMomentMax = EventsAtOneMomentMax;
        cluster.Loop.EventsInAMinuteMax = EventsInAMinuteMax;
        invariants.Begin(run);
        try
        {
            cluster.StartAll();
            ScheduleSteps(cluster, invariants);
            ScheduleHealing(run, invariants);
            var end = EndOf(plan);
            var until = options.UntilTime is { } time ? Instant.Min(end, cluster.Loop.Start + time) : end;
            RunEvents(run, options.Until ?? long.MaxValue, until, options.Cancellation);
            if (run.Violation is null && !options.Cancellation.IsCancellationRequested && options.Until is null && until == end)
            {
                invariants.OnEnd();
            }
        }
        catch (Exception bug) when (bug is not OutOfMemoryException)
        {
            run.Break("bug", Describe(bug));
        }

        return new RunReport(
            plan,
            run.Violation,
            trace.Hash(),
            trace.Lines,
            cluster.Loop.Happened,
            cluster.Server.Revision,
            cluster.Loop.Now - cluster.Loop.Start,
            run.Marks.Counts);
    }

    private static void RunEvents(RunContext run, long until, Instant end, CancellationToken cancellation)
    {
        var loop = run.Cluster.Loop;
        while (run.Violation is null && loop.Happened < until && !cancellation.IsCancellationRequested && loop.RunNext(end))
        {
        }

        if (run.Violation is null && loop.Happened < until && !cancellation.IsCancellationRequested)
        {
            loop.AdvanceTo(end);
        }
    }

    private static void ScheduleSteps(SimulatedCluster cluster, InvariantSet invariants)
    {
        var stage = new StepRunner(cluster);
        foreach (var step in cluster.Plan.Steps)
        {
            cluster.Loop.Schedule(
                cluster.Loop.Start + step.At, new Occurrence(() => invariants.OnPlanStep(step, stage.Take(step))));
        }
    }

    private static void ScheduleHealing(RunContext run, InvariantSet invariants)
    {
        var loop = run.Cluster.Loop;
        if (run.Plan.HealAt is not { } heal)
        {
            return;
        }

        loop.Schedule(loop.Start + heal, new Occurrence(() =>
        {
            run.Cluster.Faults.Heal();
            run.HealedAt = loop.Now;
            invariants.OnHealed();
        }));
        foreach (var invariant in invariants.All)
        {
            if (invariant.Bound is { } bound && bound <= run.Plan.Recovery)
            {
                loop.Schedule(loop.Start + heal + bound, new Look(run, invariant));
            }
        }
    }

    private static Instant EndOf(Plan plan)
    {
        var lastStep = plan.Steps.IsEmpty ? TimeSpan.Zero : plan.Steps[^1].At;
        return SimulatedCluster.SwitchedOn + (plan.HealAt is { } heal ? heal + plan.Recovery : lastStep + TimeSpan.FromMinutes(5));
    }

    // Where it was thrown is part of what is compared when a plan is shrunk.
    private static string Describe(Exception bug)
    {
        var place = bug.StackTrace?.Split('\n').FirstOrDefault(line => line.Contains("LocalPv.", StringComparison.Ordinal)) ?? "";
        var end = place.IndexOf(" in ", StringComparison.Ordinal);
        return $"{bug.GetType().Name}: {bug.Message} {(end < 0 ? place : place[..end]).Trim()}";
    }

    /// <summary>Asks a liveness invariant whether everything is done; and again, to the end.</summary>
    private sealed class Look(RunContext run, Invariant invariant) : SimulationEvent
    {
        public override void Happen()
        {
            if (invariant.Pending() is { } pending)
            {
                run.Break(invariant.Id, pending);
                return;
            }

            run.Cluster.Loop.ScheduleAfter(LookPeriod, this);
        }
    }
}
