using System.Security.Cryptography.X509Certificates;
using LocalPv.Hosting.Doctor;
using LocalPv.Hosting.Kubernetes;
using LocalPv.Hosting.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace LocalPv.Hosting.Tests.Doctor;

/// <summary>What the doctor says of an API server that cannot be used.</summary>
public sealed class ClusterChecksTests
{
    [Fact]
    public async Task Server_WhoseCertificateIsNotTrusted_IsSaidToAnswer_AndWhatIsWrong()
    {
        var pair = CertificateMaker.Sign(
            CertificateMaker.Authority("theirs", DateTimeOffset.UtcNow, TimeSpan.FromDays(1)), ["127.0.0.1"], forServer: true,
            DateTimeOffset.UtcNow, TimeSpan.FromHours(1));
        using var made = X509Certificate2.CreateFromPem(pair.CertificatePem, pair.KeyPem);
        var certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.UseUrls("https://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureHttpsDefaults(tls => tls.ServerCertificate = certificate));
        await using var app = builder.Build();
        await app.StartAsync();
        var ours = CertificateMaker.Authority("ours", DateTimeOffset.UtcNow, TimeSpan.FromDays(1));
        var finding = await CheckAsync(new ClusterConnection
        {
            Server = new Uri(app.Urls.Single() + "/"),
            Source = "the test",
            Authorities = [X509Certificate2.CreateFromPem(ours.CertificatePem)],
        });
        Assert.Contains("answers, but TLS fails: ", finding.Message, StringComparison.Ordinal);
        Assert.Contains("certificate", finding.Message, StringComparison.Ordinal);
        Assert.Contains("certificate-authority", finding.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_ThatIsNotThere_CannotBeReached_AndWhy()
    {
        var finding = await CheckAsync(new ClusterConnection { Server = new Uri("http://127.0.0.1:1/"), Source = "the test" });
        Assert.Contains("cannot be reached: Connection refused", finding.Message, StringComparison.Ordinal);
    }

    private static async Task<Finding> CheckAsync(ClusterConnection connection)
    {
        var finding = Assert.Single(await new ClusterChecks(connection, TimeProvider.System, "", "").RunAsync(CancellationToken.None));
        Assert.Equal((Severity.Failure, "api/reach"), (finding.Severity, finding.Check));
        return finding;
    }
}
