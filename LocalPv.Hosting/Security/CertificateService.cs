using LocalPv.Core.Agents;
using LocalPv.Hosting.Workers;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LocalPv.Hosting.Security;

/// <summary>
/// Looks after the extender's certificates for as long as the controller lives; only the elected one does. Two that write at once would do
/// no harm, but there is no need for it.
/// </summary>
public sealed class CertificateService(
    CertificateStore store, ClusterAgent agent, AgentWorker worker, TimeProvider time, ILogger<CertificateService> log) : BackgroundService
{
    // Certificates are renewed weeks before they end; a day would do. Somebody who deletes a Secret waits no longer than this.
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan BeforeElection = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            var wait = await worker.AskAsync(() => agent.IsLeader, stoppingToken).ConfigureAwait(false)
                ? await KeepAsync(stoppingToken).ConfigureAwait(false)
                : BeforeElection;
            await Task.Delay(wait, time, stoppingToken).ConfigureAwait(false);
        }
    }

    private async Task<TimeSpan> KeepAsync(CancellationToken stoppingToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        limit.CancelAfter(CallLimit);
        try
        {
            var outcome = await store.KeepAsync(time.GetUtcNow(), limit.Token).ConfigureAwait(false);
            if (!outcome.TryGetValue(out var written))
            {
                SecurityLog.CertificatesNotRenewed(log, AfterFailure, outcome.Message);
                return AfterFailure;
            }

            if (written.Length > 0)
            {
                SecurityLog.CertificatesRenewed(log, written);
            }

            return Period;
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            SecurityLog.CertificatesNotRenewed(log, AfterFailure, $"the API server did not answer within {CallLimit}");
            return AfterFailure;
        }
    }
}
