using System.Security.Cryptography.X509Certificates;
using LocalPv.Hosting.Security;

namespace LocalPv.Hosting.Tests.Security;

/// <summary>The life of the extender's certificates over a decade of looks.</summary>
public sealed class CertificateSetTests
{
    private static readonly string[] Names = ["extender.ns.svc", "extender"];

    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Client_WithATrustFromWeeksAgo_AlwaysTrustsWhatIsServedNow()
    {
        var set = CertificateSet.Nothing;
        var trusted = new Queue<string>();
        var authorities = new HashSet<string>(StringComparer.Ordinal);
        var servers = new HashSet<string>(StringComparer.Ordinal);
        for (var day = 0; day < 365 * 11; day += 10)
        {
            var now = Start + TimeSpan.FromDays(day);
            set = set.At(now, Names);
            trusted.Enqueue(set.Trusted);
            authorities.Add(set.Authority!.CertificatePem);
            servers.Add(set.Server!.CertificatePem);

            // Seven looks, 70 days: as slow as somebody who copies the authority by hand.
            var old = trusted.Count > 7 ? trusted.Dequeue() : trusted.Peek();
            Assert.True(Trusts(old, set.Server, now), $"day {day}");
            Assert.True(set.Server.NotAfter - now > TimeSpan.FromDays(20), $"day {day}: the certificate ends {set.Server.NotAfter}");
            Assert.Same(set.Server, set.At(now, Names).Server);
        }

        Assert.Equal(2, authorities.Count);
        Assert.InRange(servers.Count, 11 * 365 / 90, 11 * 365 / 50);
    }

    [Fact]
    public void Server_WithOtherNames_GetsAnotherCertificateOfTheSameAuthority()
    {
        var first = CertificateSet.Nothing.At(Start, Names);
        var second = first.At(Start, ["elsewhere.ns.svc"]);
        Assert.Same(first.Authority, second.Authority);
        Assert.NotSame(first.Server, second.Server);
    }

    [Fact]
    public void Set_ThatNobodyLookedAfterForAnAge_StartsAnew()
    {
        var old = CertificateSet.Nothing.At(Start, Names);
        var late = Start + TimeSpan.FromDays(365 * 12);
        var made = old.At(late, Names);
        Assert.True(Trusts(made.Trusted, made.Server!, late));
    }

    [Fact]
    public void Set_MadeByAClockThatWasAhead_IsMadeAnewOnceTheClockIsRight()
    {
        foreach (var ahead in (ReadOnlySpan<int>)[1, 400, 3650 - 100])
        {
            var early = CertificateSet.Nothing.At(Start, Names);
            var wrong = (ahead == 1 ? CertificateSet.Nothing : early).At(Start + TimeSpan.FromDays(ahead), Names);
            var now = Start + TimeSpan.FromDays(0.5);
            var made = wrong.At(now, Names);
            Assert.True(Trusts(made.Trusted, made.Server!, now), $"{ahead} days ahead");
            Assert.True(made.Next is null || made.Next.NotBefore <= now, $"{ahead} days ahead");
            Assert.Equal(ahead == 1, !ReferenceEquals(early.Authority, made.Authority));
            Assert.Same(made.Server, made.At(now, Names).Server);
        }
    }

    [Fact]
    public void Server_OfAnAuthorityThatAClockALittleAheadHasMade_IsSignedByIt()
    {
        var first = CertificateSet.Nothing.At(Start + TimeSpan.FromMinutes(30), Names) with { Server = null };
        var second = first.At(Start, Names);
        Assert.Same(first.Authority, second.Authority);
        Assert.True(Trusts(second.Trusted, second.Server!, Start));
    }

    private static bool Trusts(string trustedPem, CertificatePair server, DateTimeOffset now)
    {
        var trusted = new X509Certificate2Collection();
        trusted.ImportFromPem(trustedPem);
        using var certificate = X509Certificate2.CreateFromPem(server.CertificatePem);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        chain.ChainPolicy.CustomTrustStore.AddRange(trusted);
        return chain.Build(certificate) && certificate.MatchesHostname(Names[0]);
    }
}
