using LocalPv.Core.Agents;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;

namespace LocalPv.Hosting.Telemetry;

/// <summary>Measures requests to the API server.</summary>
public sealed class MeteredClusterApi(IClusterApi inner, LocalPvMetrics metrics, TimeProvider time) : IClusterApi
{
    /// <inheritdoc/>
    public async ValueTask<Outcome<ClusterAnswer>> SendAsync(ClusterRequest request, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();

        // What an agent is told of a request that is given up, as nobody says anything else of it.
        var result = EffectTimeout.KindOf(request);
        try
        {
            var outcome = await inner.SendAsync(request, cancellationToken).ConfigureAwait(false);
            result = outcome.Kind;
            return outcome;
        }
        finally
        {
            metrics.ApiAsked(VerbOf(request), request.Resource.GroupResource, result, time.GetElapsedTime(began));
        }
    }

    /// <inheritdoc/>
    public IDisposable Watch(WatchRequest request, Action<WatchSignal> deliver) => inner.Watch(request, deliver);

    private static string VerbOf(ClusterRequest request) => request switch
    {
        ClusterRequest.Get => "get",
        ClusterRequest.List => "list",
        ClusterRequest.Create or ClusterRequest.CreateSubresource => "create",
        ClusterRequest.Patch => "patch",
        ClusterRequest.Replace => "update",
        ClusterRequest.Delete => "delete",
        _ => "other",
    };
}
