using LocalPv.Core.Agents;
using Microsoft.Extensions.Hosting;

namespace LocalPv.Hosting.Workers;

/// <summary>
/// Gives the memory back that an extender's first lists took besides what is kept of them: all that was read and passed over. The collector
/// by itself would keep it for the next time, which does not come. Twice, soon after the extender is ready; each time it pauses for the
/// time that one full collection takes, some tenths of a second with 20,000 claims.
/// </summary>
internal sealed class HeapTrim(ExtenderAgent extender, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan[] Waits = [TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(20)];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (!extender.IsReady)
        {
            await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false);
        }

        // What was read last may still be in somebody's hands.
        foreach (var wait in Waits)
        {
            await Task.Delay(wait, time, stoppingToken).ConfigureAwait(false);
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
    }
}
