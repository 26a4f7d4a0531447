using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using LocalPv.Core.Outcomes;

namespace LocalPv.Hosting.Security;

/// <summary>What a server needs for one TLS handshake: its certificate with the chain, and who may come in.</summary>
/// <param name="Options">The settings of a handshake.</param>
/// <param name="NotBefore">When the certificate begins.</param>
/// <param name="NotAfter">When the certificate ends.</param>
public sealed record ServerCertificate(SslServerAuthenticationOptions Options, DateTimeOffset NotBefore, DateTimeOffset NotAfter)
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary>
    /// Reads PEM texts. A failure says which text is wrong and how: the certificate and its key must belong together.
    /// </summary>
    /// <param name="chainPem">The certificate, and those between it and its authority.</param>
    /// <param name="keyPem">Its private key, not encrypted.</param>
    /// <param name="clientAuthoritiesPem">The authorities of those who may come in; null to let everybody in.</param>
    public static Outcome<ServerCertificate> Read(string chainPem, string keyPem, string? clientAuthoritiesPem)
    {
        try
        {
            var leaf = X509Certificate2.CreateFromPem(chainPem, keyPem);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(chainPem);
            chain.RemoveAt(0);
            var options = new SslServerAuthenticationOptions
            {
                ServerCertificateContext = SslStreamCertificateContext.Create(leaf, chain, offline: true),
            };
            if (clientAuthoritiesPem is not null)
            {
                var authorities = new X509Certificate2Collection();
                authorities.ImportFromPem(clientAuthoritiesPem);
                if (authorities.Count == 0)
                {
                    return Failed("The file of client authorities has no certificate in it; nobody could come in.");
                }

                RequireClients(options, authorities);
            }

            return Outcome.Done(new ServerCertificate(options, leaf.NotBefore.ToUniversalTime(), leaf.NotAfter.ToUniversalTime()));
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            return Failed($"Certificate and key cannot be used together: {error.Message}");
        }
    }

    private static void RequireClients(SslServerAuthenticationOptions options, X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(authorities);
        policy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        options.ClientCertificateRequired = true;
        options.CertificateChainPolicy = policy;
    }

    private static Outcome<ServerCertificate> Failed(string message) =>
        Outcome.Failed<ServerCertificate>(OutcomeKind.Refused, message);
}
