using System.Diagnostics;
using LocalPv.Sim.Plans;
using LocalPv.Sim.Shrinking;

namespace LocalPv.Museum;

/// <summary>Runs plans with a planted bug switched on, one at a time in the whole process.</summary>
public static class Hunt
{
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

    /// <summary>The CPU time of this process up to now.</summary>
    public static TimeSpan CpuTime => Process.GetCurrentProcess().TotalProcessorTime;
}

/// <summary>What came of a hunt.</summary>
/// <param name="Report">The run that broke something; null where none did.</param>
/// <param name="Seeds">How many seeds were run.</param>
/// <param name="Cost">The CPU time that took.</param>
public sealed record Kill(RunReport? Report, int Seeds, TimeSpan Cost);
