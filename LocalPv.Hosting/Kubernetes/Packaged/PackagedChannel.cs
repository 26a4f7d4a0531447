using k8s;
using k8s.Autorest;

namespace LocalPv.Hosting.Kubernetes.Packaged;

/// <summary>
/// Sends requests as they are through a client of the KubernetesClient package: over its connections, with its certificates and its
/// credentials. What the package makes an exception of, an answer that is no success, is an answer here.
/// </summary>
internal sealed class PackagedChannel(KubernetesClientConfiguration configuration, params DelegatingHandler[] handlers)
    : HttpMessageHandler
{
    private readonly Client _client = new(configuration, handlers);

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // A message can be sent through one client only, and this one came through ours.
        var copy = new HttpRequestMessage(request.Method, request.RequestUri) { Content = request.Content };
        foreach (var (name, values) in request.Headers)
        {
            copy.Headers.TryAddWithoutValidation(name, values);
        }

        try
        {
            return await _client.RunAsync(copy, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpOperationException refused)
        {
            var response = new HttpResponseMessage(refused.Response.StatusCode)
            {
                Content = new StringContent(refused.Response.Content ?? ""),
                RequestMessage = request,
            };
            foreach (var (name, values) in refused.Response.Headers)
            {
                // The headers of the content are among them, and do not fit here.
                response.Headers.TryAddWithoutValidation(name, values);
            }

            return response;
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _client.Dispose();
        }

        base.Dispose(disposing);
    }

    private sealed class Client(KubernetesClientConfiguration configuration, DelegatingHandler[] handlers)
        : k8s.Kubernetes(configuration, handlers)
    {
        internal Task<HttpResponseMessage> RunAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            SendRequestRaw("", request, cancellationToken);
    }
}
