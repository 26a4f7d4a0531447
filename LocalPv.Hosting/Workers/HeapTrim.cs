using System.Runtime;
using LocalPv.Core.Agents;
using Microsoft.Extensions.Hosting;

namespace LocalPv.Hosting.Workers;

/// <summary>
/// Keeps the collector quiet while an extender's first lists come: nearly all that they bring stays, and is looked through and moved again
/// and again while it grows. Afterwards gives the memory back that they took besides what is kept of them: all that was read and passed
/// over. The collector by itself would keep it for the next time, which does not come. Twice, soon after the extender is ready; each time
/// it pauses for the time that one full collection takes, some tenths of a second with 20,000 claims.
/// </summary>
internal sealed class HeapTrim(ExtenderAgent extender, TimeProvider time) : BackgroundService
{
    // What comes beyond that is collected as always. Larger, and the start with 20,000 claims would take more than 200 MB in all.
    private const long QuietBytes = 96 * 1024 * 1024;
    private const long QuietLargeObjectBytes = 16 * 1024 * 1024;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan[] Waits = [TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(20)];

    // Where the API server does not answer, or brings little.
    private static readonly TimeSpan QuietFor = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        // Where there is little, as in a container with a low limit, the collector needs to be free. It is the process's: another host in
        // it may have begun it.
        if (GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >= 2 * QuietBytes && GCSettings.LatencyMode != GCLatencyMode.NoGCRegion)
        {
            GC.TryStartNoGCRegion(QuietBytes, QuietLargeObjectBytes);
        }

        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var since = time.GetTimestamp();
        using var timer = new PeriodicTimer(Period, time);
        while (!extender.IsReady)
        {
            if (time.GetElapsedTime(since) >= QuietFor)
            {
                EndQuiet();
            }

            await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false);
        }

        // What was read last may still be in somebody's hands.
        foreach (var wait in Waits)
        {
            await Task.Delay(wait, time, stoppingToken).ConfigureAwait(false);
            EndQuiet();
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
    }

    // It ends by itself with the first allocation that is too much for it.
    private static void EndQuiet()
    {
        if (GCSettings.LatencyMode == GCLatencyMode.NoGCRegion)
        {
            try
            {
                GC.EndNoGCRegion();
            }
            catch (InvalidOperationException)
            {
                // Just now.
            }
        }
    }
}
