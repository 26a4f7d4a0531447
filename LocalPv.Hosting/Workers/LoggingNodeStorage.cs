using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using Microsoft.Extensions.Logging;

namespace LocalPv.Hosting.Workers;

/// <summary>Logs what an agent asks of its node's storage: every change, and every scan that failed.</summary>
public sealed class LoggingNodeStorage(INodeStorage inner, ILogger log) : INodeStorage
{
    /// <inheritdoc/>
    public async ValueTask<Outcome<NodeStorageAnswer>> RunAsync(NodeStorageRequest request, CancellationToken cancellationToken)
    {
        var outcome = await inner.RunAsync(request, cancellationToken).ConfigureAwait(false);
        var name = StorageRequestText.Of(request);
        if (request is not NodeStorageRequest.Scan)
        {
            ClusterLog.Changed(log, name, outcome.Kind, outcome.Message);
        }
        else if (!outcome.IsDone)
        {
            ClusterLog.Failed(log, name, outcome.Kind, outcome.Message);
        }

        return outcome;
    }
}
