using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace LocalPv.Hosting.Kubernetes;

/// <summary>Makes the HTTP client of a connection.</summary>
public static class ClusterHttp
{
    // A server that does not even accept within this time is taken for down; the kernel alone would try for two minutes.
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    // The largest answer that is read: 500 objects of etcd's largest size (1.5 MB) never come together; 256 MiB is far above real pages.
    private const long AnswerBytesMax = 256 * 1024 * 1024;

    /// <summary>A client for <paramref name="connection"/>, which follows its certificates. Its requests have no time limit of their own:
    /// the caller's token ends them.</summary>
    public static HttpClient CreateClient(LiveConnection connection) => new(
        connection.Current().MakeHandler?.Invoke() ?? new LiveHandler(connection, CreateHandler), disposeHandler: true)
    {
        BaseAddress = connection.Current().Server,
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = AnswerBytesMax,
    };

    private static SocketsHttpHandler CreateHandler(ClusterConnection connection)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = ConnectTimeout,
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60),
            // Reach a server that moved to other addresses; watches live on until their own end.
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        };
        var tls = handler.SslOptions;
        if (connection.ClientCertificate is { } certificate)
        {
            tls.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, connection.ClientChain, offline: true);
        }

        if (connection.SkipServerVerification)
        {
            // The operator said so in the kubeconfig (insecure-skip-tls-verify).
#pragma warning disable CA5359
            tls.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (connection.Authorities.Count > 0)
        {
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            policy.CustomTrustStore.AddRange(connection.Authorities);
            tls.CertificateChainPolicy = policy;
        }

        return handler;
    }
}
