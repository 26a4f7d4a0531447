using System.Diagnostics;
using LocalPv.Sim.Plans;
using LocalPv.Sim.Shrinking;

namespace LocalPv.Museum;

/// <summary>Runs plans with a planted bug switched on, one at a time in the whole process.</summary>
public static class Hunt
{
    private const int SturdyDraws = 4;

    /// <summary>Runs the plans of seeds from <paramref name="first"/> on until one breaks something.</summary>
    /// <param name="mutant">The planted bug.</param>
    /// <param name="first">The first seed.</param>
    /// <param name="most">The most seeds.</param>
    /// <param name="budget">The most CPU time; looked at before each seed.</param>
    /// <param name="plan">The plan of a seed.</param>
    public static Kill Run(string mutant, ulong first, int most, TimeSpan budget, Func<ulong, Plan> plan)
    {
        var before = CpuTime;
        var count = 0;
        for (; count < most && CpuTime - before < budget; count++)
        {
            var report = Try(mutant, plan(first + (ulong)count));
            if (!report.IsGood)
            {
                return new Kill(report, count + 1, CpuTime - before);
            }
        }

        return new Kill(null, count, CpuTime - before);
    }

    /// <summary>Runs a plan with a bug switched on; with an empty name, none is.</summary>
    public static RunReport Try(string mutant, Plan plan, RunOptions? options = null)
    {
        Mutants.Active = mutant;
        try
        {
            return PlanRunner.Run(plan, options);
        }
        finally
        {
            Mutants.Active = "";
        }
    }

    /// <summary>Makes the plan that found a bug small, as long as <paramref name="isTimeUp"/> is false.</summary>
    public static ShrinkResult Shrink(string mutant, RunReport found, Func<bool> isTimeUp) => Shrinker.Shrink(
        found, (plan, until) => Try(mutant, plan, new RunOptions { UntilTime = until }), isTimeUp);

    /// <summary>
    /// The same, but only by plans that find the bug in each of a few draws of latencies and ties: those go on finding it when a change of
    /// the code moves everything a little. Where <paramref name="found"/> is none of them, its plan stays as it is.
    /// </summary>
    public static ShrinkResult ShrinkSturdily(Exhibit exhibit, RunReport found, Func<bool> isTimeUp) => Shrinker.Shrink(
        found,
        (plan, until) =>
        {
            var report = Try(exhibit.Name, plan, new RunOptions { UntilTime = until });
            return report.IsGood || AllFind(exhibit, plan) ? report : report with { Violation = null };
        },
        isTimeUp);

    /// <summary>
    /// Runs a plan with the bug switched on under several draws of latencies and ties: what was broken in those where an invariant spoke
    /// that the bug is for, and in the others.
    /// </summary>
    public static Drawn Draws(Exhibit exhibit, Plan plan, int count)
    {
        var (found, other) = (new List<RunReport>(), new List<string>());
        for (var draw = 0; draw < count; draw++)
        {
            var report = Try(exhibit.Name, plan with { Seed = plan.Seed + (ulong)draw });
            if (report.Violation is { } violation && exhibit.Fires.Contains(violation.Invariant))
            {
                found.Add(report);
            }
            else
            {
                other.Add($"draw {draw}: {report.Violation?.ToString() ?? "nothing"}");
            }
        }

        return new Drawn(found, other);
    }

    private static bool AllFind(Exhibit exhibit, Plan plan) => Enumerable.Range(1, SturdyDraws - 1)
        .All(draw => Draws(exhibit, plan with { Seed = plan.Seed + (ulong)draw }, 1).Found.Count == 1);

    /// <summary>The CPU time of this process up to now.</summary>
    public static TimeSpan CpuTime => Process.GetCurrentProcess().TotalProcessorTime;
}

/// <summary>What came of a hunt.</summary>
/// <param name="Report">The run that broke something; null where none did.</param>
/// <param name="Seeds">How many seeds were run.</param>
/// <param name="Cost">The CPU time that took.</param>
public sealed record Kill(RunReport? Report, int Seeds, TimeSpan Cost);

/// <summary>What came of several draws of one plan.</summary>
/// <param name="Found">The runs in which an invariant spoke that the bug is for.</param>
/// <param name="Other">What was heard in the others.</param>
public sealed record Drawn(IReadOnlyList<RunReport> Found, IReadOnlyList<string> Other);
