using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;
using LocalPv.Hosting.Embedded;
using LocalPv.Hosting.Kubernetes;
using LocalPv.Hosting.Security;

namespace LocalPv.Hosting.Tests.Security;

/// <summary>The certificates in a cluster, over HTTP.</summary>
public sealed class CertificateStoreTests : IAsyncLifetime, IDisposable
{
    private static readonly ResourceType Secrets = new("", "v1", "secrets", "Secret", true);

    private readonly FakeApiServer _server = new(new FakeApiServerOptions { StartedAt = Instant.From(DateTimeOffset.UtcNow) });
    private EmbeddedApiServer _listener = null!;
    private HttpClusterApi _api = null!;

    private CertificateStore Store => new(_api, "localpv-system", "localpv-extender");

    public async Task InitializeAsync()
    {
        _server.Seed(
            Instant.From(DateTimeOffset.UtcNow), ResourceTypes.Namespaces,
            (JsonMap)JsonTree.Parse("""{"metadata":{"name":"localpv-system"}}"""));
        _listener = await EmbeddedApiServer.StartAsync(_server, new EmbeddedApiServerOptions());
        _api = new HttpClusterApi(new ClusterConnection { Server = _listener.Address, Source = "the test" }, TimeProvider.System);
    }

    public async Task DisposeAsync()
    {
        _api.Dispose();
        await _listener.DisposeAsync();
    }

    public void Dispose() => _api?.Dispose();

    [Fact]
    public async Task Keep_InAnEmptyNamespace_MakesAllThreeObjects_AndThenWritesNothing()
    {
        var first = await Store.KeepAsync(DateTimeOffset.UtcNow, CancellationToken.None);
        Assert.True(first.IsDone, first.Message);
        Assert.Equal(
            "Secret localpv-extender-authority, ConfigMap localpv-extender-ca, Secret localpv-extender-tls", first.Value);
        Assert.Equal("", (await Store.KeepAsync(DateTimeOffset.UtcNow, CancellationToken.None)).Value);
    }

    [Fact]
    public async Task Keep_AfterTheServersSecretWasDeleted_MakesItAgainWithTheSameAuthority()
    {
        await Store.KeepAsync(DateTimeOffset.UtcNow, CancellationToken.None);
        var key = new ObjectKey("localpv-system", "localpv-extender-tls");
        await _api.SendAsync(new Core.Ports.ClusterRequest.Delete(Secrets, key), CancellationToken.None);
        var again = await Store.KeepAsync(DateTimeOffset.UtcNow, CancellationToken.None);
        Assert.Equal("Secret localpv-extender-tls", again.Value);
    }

    [Fact]
    public async Task Keep_WithGarbageInTheSecret_PutsACertificateThere()
    {
        await Store.KeepAsync(DateTimeOffset.UtcNow, CancellationToken.None);
        var key = new ObjectKey("localpv-system", "localpv-extender-tls");
        var garbage = JsonMap.Empty.WithAt(["data", "tls.crt"], "Z2FyYmFnZQ==");
        await _api.SendAsync(new Core.Ports.ClusterRequest.Patch(Secrets, key, garbage), CancellationToken.None);
        Assert.Equal("Secret localpv-extender-tls", (await Store.KeepAsync(DateTimeOffset.UtcNow, CancellationToken.None)).Value);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("-----BEGIN CERTIFICATE-----\nZ2FyYmFnZQ==\n-----END CERTIFICATE-----\n")]
    public async Task Keep_WithGarbageInPlaceOfTheAuthorityBefore_GoesOnWithoutIt(string garbage)
    {
        await Store.KeepAsync(DateTimeOffset.UtcNow, CancellationToken.None);
        await PatchAuthorityAsync(("before.crt", garbage));
        var kept = await Store.KeepAsync(DateTimeOffset.UtcNow, CancellationToken.None);
        Assert.Equal("Secret localpv-extender-authority", kept.Value);
        Assert.Equal("", (await Store.KeepAsync(DateTimeOffset.UtcNow, CancellationToken.None)).Value);
    }

    [Fact]
    public async Task Keep_WithAnAuthorityThatCannotSign_SaysSoAndLeavesItThere()
    {
        await Store.KeepAsync(DateTimeOffset.UtcNow, CancellationToken.None);
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=own", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var own = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(5));
        await PatchAuthorityAsync(("ca.crt", own.ExportCertificatePem()), ("ca.key", key.ExportPkcs8PrivateKeyPem()));
        var kept = await Store.KeepAsync(DateTimeOffset.UtcNow, CancellationToken.None);
        Assert.Equal(OutcomeKind.Refused, kept.Kind);
        Assert.Contains("localpv-extender-authority", kept.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keep_BySeveralAtOnce_EndsInOneAuthority()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(
            _ => Store.KeepAsync(DateTimeOffset.UtcNow, CancellationToken.None)));
        Assert.Contains(outcomes, outcome => outcome.IsDone);
        await Store.KeepAsync(DateTimeOffset.UtcNow, CancellationToken.None);
        Assert.Equal("", (await Store.KeepAsync(DateTimeOffset.UtcNow, CancellationToken.None)).Value);
    }

    private async Task PatchAuthorityAsync(params (string Key, string Text)[] data)
    {
        var changes = data.Aggregate(JsonMap.Empty, (tree, entry) =>
            tree.WithAt(["data", entry.Key], Convert.ToBase64String(Encoding.UTF8.GetBytes(entry.Text))));
        var key = new ObjectKey("localpv-system", "localpv-extender-authority");
        Assert.True((await _api.SendAsync(new Core.Ports.ClusterRequest.Patch(Secrets, key, changes), CancellationToken.None)).IsDone);
    }
}
