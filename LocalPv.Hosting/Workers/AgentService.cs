using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LocalPv.Hosting.Workers;

/// <summary>
/// Runs one worker for as long as the process lives. A bug in it ends the process, with a message and its own exit code, so that a
/// supervisor starts it anew: an agent in an unknown state decides nothing any more.
/// </summary>
public sealed class AgentService(AgentWorker worker, IHostApplicationLifetime lifetime, ProcessFate fate, ILogger<AgentService> log)
    : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        ServiceLog.Started(log, worker.Name);
        try
        {
            await worker.RunAsync(stoppingToken).ConfigureAwait(false);
        }
        catch (Exception bug) when (bug is not OperationCanceledException)
        {
            ServiceLog.Bug(log, bug, worker.Name);
            fate.FoundBug();
            lifetime.StopApplication();
        }
    }
}
