using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;

namespace LocalPv.Hosting.Telemetry;

/// <summary>Measures scans and changes of a node's storage.</summary>
public sealed class MeteredNodeStorage(INodeStorage inner, LocalPvMetrics metrics, TimeProvider time) : INodeStorage
{
    /// <inheritdoc/>
    public async ValueTask<Outcome<NodeStorageAnswer>> RunAsync(NodeStorageRequest request, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var outcome = await inner.RunAsync(request, cancellationToken).ConfigureAwait(false);
        metrics.StorageAsked(request.GetType().Name, outcome.Kind, time.GetElapsedTime(began));
        return outcome;
    }
}
