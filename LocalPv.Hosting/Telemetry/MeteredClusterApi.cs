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
        var outcome = await inner.SendAsync(request, cancellationToken).ConfigureAwait(false);
        metrics.ApiAsked(VerbOf(request), request.Resource.GroupResource, outcome.Kind, time.GetElapsedTime(began));
        return outcome;
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
