using System.Net;

namespace LocalPv.Hosting.Kubernetes;

/// <summary>
/// Sends over connections that were made with the certificates of now. After a change the next request opens a new connection; what is
/// under way, such as a watch, ends over its old one.
/// </summary>
internal sealed class LiveHandler(LiveConnection connection, Func<ClusterConnection, HttpMessageHandler> make) : HttpMessageHandler
{
    private readonly Lock _gate = new();
    private ClusterConnection? _of;
    private HttpMessageInvoker? _way;

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            var response = await Way().SendAsync(request, cancellationToken).ConfigureAwait(false);
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
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            lock (_gate)
            {
                _way?.Dispose();
                _way = null;
            }
        }

        base.Dispose(disposing);
    }

    private HttpMessageInvoker Way()
    {
        var current = connection.Current();
        lock (_gate)
        {
            if (_way is null || !ReferenceEquals(_of, current))
            {
                // Disposing a SocketsHttpHandler closes its idle connections; those in use close when their response has ended.
                _way?.Dispose();
                _way = new HttpMessageInvoker(make(current), disposeHandler: true);
                _of = current;
            }

            return _way;
        }
    }
}
