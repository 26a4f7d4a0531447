using System.Diagnostics;
using LocalPv.Sim.Plans;

namespace LocalPv.Museum;

/// <summary>What came of a hunt: the seed that found the bug, or none; after how many seeds, at what cost; and who spoke.</summary>
public sealed record Kill(ulong? Seed, int Seeds, TimeSpan Cost, string Invariant, string What);

/// <summary>Runs seeds until a planted bug is found.</summary>
public static class Hunt
{
    /// <summary>Runs up to <paramref name="most"/> seeds from <paramref name="first"/> on with a bug switched on.</summary>
    public static Kill Run(string mutant, ulong first, int most, TimeSpan budget, Func<ulong, Plan> plan)
    {
        var before = Process.GetCurrentProcess().TotalProcessorTime;
        TimeSpan Cost() => Process.GetCurrentProcess().TotalProcessorTime - before;
        var count = 0;
        while (count < most && Cost() < budget)
        {
            var seed = first + (ulong)count++;
            if (Try(mutant, plan(seed)) is { } violation)
            {
                return new Kill(seed, count, Cost(), violation.Invariant, violation.What);
            }
        }

        return new Kill(null, count, Cost(), "", "");
    }

    /// <summary>The violation of one plan with a bug switched on; null where there is none.</summary>
    public static LocalPv.Sim.Checking.Violation? Try(string mutant, Plan plan)
    {
        Mutants.Active = mutant;
        try
        {
            return PlanRunner.Run(plan).Violation;
        }
        finally
        {
            Mutants.Active = "";
        }
    }
}
