using LocalPv.Hosting.Workers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LocalPv.Hosting.Cli;

/// <summary>Runs a service until it is asked to stop (Ctrl-C, SIGTERM) or finds a bug.</summary>
internal static class ServiceRun
{
    /// <summary>Runs the host and answers with the exit code.</summary>
    public static async Task<int> UntilStoppedAsync(IHost host, CancellationToken cancellationToken)
    {
        using (host)
        {
            await host.RunAsync(cancellationToken).ConfigureAwait(false);
            return host.Services.GetRequiredService<ProcessFate>().HasBug ? ExitCode.Bug : ExitCode.Done;
        }
    }
}
