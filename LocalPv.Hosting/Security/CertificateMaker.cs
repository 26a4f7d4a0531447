using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace LocalPv.Hosting.Security;

/// <summary>A certificate and its private key, both as PEM.</summary>
public sealed record CertificatePair(string CertificatePem, string KeyPem)
{
    /// <summary>When the certificate ends.</summary>
    public DateTimeOffset NotAfter
    {
        get
        {
            using var certificate = X509Certificate2.CreateFromPem(CertificatePem);
            return certificate.NotAfter.ToUniversalTime();
        }
    }

    /// <summary>When the certificate begins: in the future where it was made by a clock that was ahead.</summary>
    public DateTimeOffset NotBefore
    {
        get
        {
            using var certificate = X509Certificate2.CreateFromPem(CertificatePem);
            return certificate.NotBefore.ToUniversalTime();
        }
    }
}

/// <summary>Makes authorities, and certificates that they sign (ECDSA, P-256).</summary>
public static class CertificateMaker
{
    // Clocks differ: what is made now must not be from the future anywhere.
    private static readonly TimeSpan Before = TimeSpan.FromHours(1);

    /// <summary>A new authority that signs itself.</summary>
    public static CertificatePair Authority(string name, DateTimeOffset now, TimeSpan life)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var made = request.CreateSelfSigned(now - Before, now + life);
        return new CertificatePair(made.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    /// <summary>A certificate for servers or for clients of these names, which may be addresses.</summary>
    public static CertificatePair Sign(
        CertificatePair authority, IReadOnlyList<string> names, bool forServer, DateTimeOffset now, TimeSpan life)
    {
        using var signer = X509Certificate2.CreateFromPem(authority.CertificatePem, authority.KeyPem);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + names[0], key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address))
            {
                alternatives.AddIpAddress(address);
            }
            else
            {
                alternatives.AddDnsName(name);
            }
        }

        request.CertificateExtensions.Add(alternatives.Build());
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(
            [new Oid(forServer ? "1.3.6.1.5.5.7.3.1" : "1.3.6.1.5.5.7.3.2")], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(
            signer, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        // Within the life of the authority, which a clock that is a little ahead of this one may have made.
        var (from, until) = (now - Before, now + life);
        var signerBegins = new DateTimeOffset(signer.NotBefore.ToUniversalTime(), TimeSpan.Zero);
        var signerEnds = new DateTimeOffset(signer.NotAfter.ToUniversalTime(), TimeSpan.Zero);
        using var made = request.Create(
            signer,
            from > signerBegins ? from : signerBegins,
            until < signerEnds ? until : signerEnds,
            RandomNumberGenerator.GetBytes(12));
        return new CertificatePair(made.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }
}
