namespace LocalPv.Hosting.Kubernetes;

/// <summary>What an exception of the HTTP client says about whether the request was sent.</summary>
public static class TransportFailure
{
    /// <summary>Whether the request cannot have reached the server: there was no connection to send it over.</summary>
    public static bool IsBeforeSending(Exception error) => error switch
    {
        HttpRequestException
        {
            HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError
                or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError,
        } => true,
        // The handler's own time limit for connecting.
        OperationCanceledException { InnerException: TimeoutException } => true,
        _ => false,
    };

    /// <summary>The innermost reason, without the final stop.</summary>
    public static string Reason(Exception error)
    {
        var inner = error;
        while (inner.InnerException is { } next)
        {
            inner = next;
        }

        return inner.Message.TrimEnd('.');
    }
}
