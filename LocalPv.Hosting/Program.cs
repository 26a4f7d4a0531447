using System.CommandLine;
using LocalPv.Hosting.Cli;

namespace LocalPv.Hosting;

/// <summary>The entry point.</summary>
public static class Program
{
    /// <summary>
    /// How long the end may take after SIGTERM before the process ends anyway: 20 s, so that with a pause before it there is room in the
    /// 30 s that the manifests give a Pod.
    /// </summary>
    public static TimeSpan EndLimit { get; } = TimeSpan.FromSeconds(20);

    /// <summary>Runs the program; see <see cref="ExitCode"/>.</summary>
    public static async Task<int> Main(string[] args)
    {
        try
        {
            // Stopping takes as long as what is under way needs to end; workers bound that themselves.
            var configuration = new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = EndLimit,
            };
            return await CommandLine.RunAsync(args, configuration, CancellationToken.None).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // The last place that can tell the user what happened.
        catch (Exception bug)
#pragma warning restore CA1031
        {
            await Console.Error.WriteLineAsync($"localpv: a bug, please report it: {bug}").ConfigureAwait(false);
            return ExitCode.Bug;
        }
    }
}
