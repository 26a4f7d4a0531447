using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace LocalPv.Hosting.Embedded;

/// <summary>A certificate authority for one run of the embedded server, and the server's certificate that it signed.</summary>
internal sealed class SelfMadeAuthority : IDisposable
{
    private static readonly TimeSpan Life = TimeSpan.FromDays(365);

    private SelfMadeAuthority(string authorityPem, X509Certificate2 server)
    {
        AuthorityPem = authorityPem;
        Server = server;
    }

    /// <summary>The authority's certificate, for the kubeconfig.</summary>
    public string AuthorityPem { get; }

    /// <summary>The server's certificate with its key, for localhost and the loopback addresses.</summary>
    public X509Certificate2 Server { get; }

    /// <summary>Makes both.</summary>
    public static SelfMadeAuthority Create(DateTimeOffset now)
    {
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest("CN=localpv-embedded-ca", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        authorityRequest.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        var from = now - TimeSpan.FromHours(1);
        using var authority = authorityRequest.CreateSelfSigned(from, now + Life);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localpv-embedded", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddDnsName("kubernetes.default.svc");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        using var signed = request.Create(authority, from, now + Life - TimeSpan.FromHours(2), RandomNumberGenerator.GetBytes(12));
        return new SelfMadeAuthority(authority.ExportCertificatePem(), signed.CopyWithPrivateKey(key));
    }

    /// <inheritdoc/>
    public void Dispose() => Server.Dispose();
}
