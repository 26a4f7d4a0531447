using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Ports;
using LocalPv.Hosting.Kubernetes;
using LocalPv.Hosting.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace LocalPv.Hosting.Tests.Kubernetes;

/// <summary>A client's certificate that an authority in between has signed: the server knows the outermost one only.</summary>
public sealed class ClientChainTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("localpv-chain-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task ClientCertificate_WithAnAuthorityInBetween_IsSentWithIt()
    {
        var outermost = CertificateMaker.Authority("outermost", DateTimeOffset.UtcNow.AddHours(-2), TimeSpan.FromDays(2));
        var between = Between(outermost);
        var client = CertificateMaker.Sign(between, ["me"], forServer: false, DateTimeOffset.UtcNow, TimeSpan.FromHours(1));
        var sent = new List<string>();
        await using var server = await StartAsync(outermost, sent);
        File.WriteAllText(Path.Combine(_folder, "ca.crt"), outermost.CertificatePem);
        File.WriteAllText(Path.Combine(_folder, "client.crt"), client.CertificatePem + between.CertificatePem);
        File.WriteAllText(Path.Combine(_folder, "client.key"), client.KeyPem);
        var file = Path.Combine(_folder, "kubeconfig");
        File.WriteAllText(
            file,
            $$$"""
            current-context: main
            clusters: [{name: c, cluster: {server: "{{{server.Urls.Single()}}}", certificate-authority: ca.crt}}]
            contexts: [{name: main, context: {cluster: c, user: u}}]
            users: [{name: u, user: {client-certificate: client.crt, client-key: client.key}}]
            """);

        using var api = new HttpClusterApi(Kubeconfig.Load([file], null).Value, TimeProvider.System);
        var answer = await api.SendAsync(
            new ClusterRequest.Get(ResourceTypes.Nodes, ObjectKey.ClusterScoped("n")), CancellationToken.None);

        Assert.True(answer.IsDone, answer.Message);
        Assert.Contains("CN=between", sent);
    }

    private static CertificatePair Between(CertificatePair outermost)
    {
        using var signer = X509Certificate2.CreateFromPem(outermost.CertificatePem, outermost.KeyPem);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=between", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var made = request.Create(signer, DateTimeOffset.UtcNow.AddHours(-2), DateTimeOffset.UtcNow.AddDays(1), [1, 2, 3]);
        return new CertificatePair(made.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    private static async Task<WebApplication> StartAsync(CertificatePair outermost, List<string> sent)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.UseUrls("https://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var pair = CertificateMaker.Sign(outermost, ["127.0.0.1"], forServer: true, DateTimeOffset.UtcNow, TimeSpan.FromHours(1));
        using var made = X509Certificate2.CreateFromPem(pair.CertificatePem, pair.KeyPem);
        var certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureHttpsDefaults(tls =>
        {
            tls.ServerCertificate = certificate;
            tls.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            tls.ClientCertificateValidation = (_, chain, _) =>
            {
                sent.AddRange(chain!.ChainPolicy.ExtraStore.Select(one => one.Subject));
                return true;
            };
        }));
        var app = builder.Build();
        app.Run(context => context.Response.WriteAsync("{\"kind\":\"Node\",\"metadata\":{\"name\":\"n\",\"resourceVersion\":\"2\"}}"));
        await app.StartAsync();
        return app;
    }
}
