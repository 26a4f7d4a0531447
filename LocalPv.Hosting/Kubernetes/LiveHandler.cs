using System.Net;

namespace LocalPv.Hosting.Kubernetes;

/// <summary>
/// Sends over connections that were made with the certificates of now. After a change the next request opens a new connection; what is
/// under way, such as a watch, ends over its old one.
/// </summary>
internal sealed class LiveHandler(LiveConnection connection, Func<ClusterConnection, HttpMessageHandler> make) : HttpMessageHandler
{
    private readonly Lock _gate = new();
    private Way? _way;

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var way = Enter();
        try
        {
            var response = await way.Invoker.SendAsync(request, cancellationToken).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.Unauthorized)
            {
                connection.Doubt();
            }

            return response;
        }
        catch (HttpRequestException error) when (
            error.HttpRequestError == HttpRequestError.SecureConnectionError
            || error.InnerException is System.Security.Authentication.AuthenticationException)
        {
            connection.Doubt();
            throw;
        }
        finally
        {
            Leave(way);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            lock (_gate)
            {
                _way?.Invoker.Dispose();
                _way = null;
            }
        }

        base.Dispose(disposing);
    }

    private Way Enter()
    {
        var current = connection.Current();
        lock (_gate)
        {
            if (_way is null || !ReferenceEquals(_way.Of, current))
            {
                var old = _way;
                _way = new Way(current, new HttpMessageInvoker(make(current), disposeHandler: true));
                CloseUnused(old);
            }

            _way.Requests++;
            return _way;
        }
    }

    private void Leave(Way way)
    {
        lock (_gate)
        {
            way.Requests--;
            CloseUnused(way);
        }
    }

    // One that is given up closes once no request is on its way to an answer: a handler that is disposed refuses those that are about to
    // enter. Disposing a SocketsHttpHandler closes its idle connections; those in use close when their response has ended.
    private void CloseUnused(Way? way)
    {
        if (way is { Requests: 0 } && way != _way)
        {
            way.Invoker.Dispose();
        }
    }

    private sealed class Way(ClusterConnection of, HttpMessageInvoker invoker)
    {
        public ClusterConnection Of => of;

        public HttpMessageInvoker Invoker => invoker;

        /// <summary>How many are between their beginning and the head of their answer.</summary>
        public int Requests { get; set; }
    }
}
