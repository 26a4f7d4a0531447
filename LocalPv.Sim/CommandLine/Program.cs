using System.CommandLine;

namespace LocalPv.Sim.CommandLine;

/// <summary>The entry point of <c>localpv-sim</c>.</summary>
public static class Program
{
    /// <summary>Runs the program; its exit codes are those of its commands.</summary>
    public static int Main(string[] args)
    {
        var root = new RootCommand("Deterministic simulator of LocalPv clusters: the production code in virtual time.")
        {
            RunCommand.Create(),
            ReplayCommand.Create(),
            SweepCommand.Create(),
            ReportCommand.Create(),
            PlanCommand.Create(),
        };

        // Commands that have something to say when they are broken off listen to signals themselves; the others end at once.
        return root.Parse(args).Invoke(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }
}
