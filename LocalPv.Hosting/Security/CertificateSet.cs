using System.Security.Cryptography.X509Certificates;

namespace LocalPv.Hosting.Security;

/// <summary>The certificates that the extender is reached with, and when each is renewed. All decisions, nothing else.</summary>
/// <param name="Authority">Signs the server's certificate; null where there is none yet.</param>
/// <param name="Next">The authority that follows: told to clients long before it signs anything; null while none is prepared.</param>
/// <param name="Before">The certificates (PEM) of the authority before, for clients that still meet what it signed; else empty.</param>
/// <param name="Server">The server's certificate; null where there is none yet.</param>
public sealed record CertificateSet(CertificatePair? Authority, CertificatePair? Next, string Before, CertificatePair? Server)
{
    // The authority's certificate is copied by hand into the scheduler's configuration: seldom, and with time to do it.
    private static readonly TimeSpan AuthorityLife = TimeSpan.FromDays(3650);
    private static readonly TimeSpan Announce = TimeSpan.FromDays(180);
    private static readonly TimeSpan Switch = TimeSpan.FromDays(90);

    private static readonly TimeSpan ServerLife = TimeSpan.FromDays(90);
    private static readonly TimeSpan ServerRenewal = TimeSpan.FromDays(30);

    /// <summary>Nothing yet.</summary>
    public static CertificateSet Nothing { get; } = new(null, null, "", null);

    /// <summary>What a client trusts: every authority that signs, will sign, or has signed what is still served.</summary>
    public string Trusted => (Authority?.CertificatePem ?? "") + (Next?.CertificatePem ?? "") + Before;

    /// <summary>The set as it should be at this time for a server of these names; the same where nothing is due.</summary>
    public CertificateSet At(DateTimeOffset now, IReadOnlyList<string> names)
    {
        // What a clock that was ahead has made, no client takes until that time has come.
        var set = Next?.NotBefore > now ? this with { Next = null } : this;
        if (set.Authority is not { } authority || authority.NotAfter <= now || authority.NotBefore > now)
        {
            set = new CertificateSet(NewAuthority(now), null, "", null);
        }
        else if (authority.NotAfter - now < Switch)
        {
            set = new CertificateSet(set.Next ?? NewAuthority(now), null, authority.CertificatePem, null);
        }
        else if (authority.NotAfter - now < Announce && set.Next is null)
        {
            set = set with { Next = NewAuthority(now) };
        }

        if (set.Before.Length > 0 && new CertificatePair(set.Before, "").NotAfter <= now)
        {
            set = set with { Before = "" };
        }

        return set.Server is { } server && server.NotAfter - now >= ServerRenewal && server.NotBefore <= now
            && IsFor(server, set.Authority!, names)
            ? set
            : set with { Server = CertificateMaker.Sign(set.Authority!, names, forServer: true, now, ServerLife) };
    }

    // Each has a name of its own: of two with one name a client may try the wrong one, and give up.
    private static CertificatePair NewAuthority(DateTimeOffset now) =>
        CertificateMaker.Authority($"localpv-extender-authority-{now.UtcDateTime:yyyyMMdd-HHmmss}", now, AuthorityLife);

    private static bool IsFor(CertificatePair server, CertificatePair authority, IReadOnlyList<string> names)
    {
        using var certificate = X509Certificate2.CreateFromPem(server.CertificatePem);
        using var signer = X509Certificate2.CreateFromPem(authority.CertificatePem);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
        chain.ChainPolicy.CustomTrustStore.Add(signer);
        return chain.Build(certificate) && names.All(name => certificate.MatchesHostname(name, allowCommonName: false));
    }
}
