using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using LocalPv.Core.Outcomes;
using LocalPv.Hosting.Kubernetes;

namespace LocalPv.Hosting.Tests.Kubernetes;

public sealed class KubeconfigTests : IDisposable
{
    private const string Good =
        """
        apiVersion: v1
        kind: Config
        current-context: main
        clusters:
        - name: c
          cluster: {server: "https://10.0.0.1:6443"}
        contexts:
        - name: main
          context: {cluster: c, user: u, namespace: mine}
        - name: other
          context: {cluster: c, user: nobody}
        users:
        - name: u
          user: {token: abc}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("localpv-kubeconfig-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Kubeconfig_WithAToken_IsRead()
    {
        var connection = Load(Good).Value;

        Assert.Equal("https://10.0.0.1:6443/", connection.Server.ToString());
        Assert.Equal(("abc", "mine"), (connection.Token, connection.Namespace));
        Assert.False(connection.SkipServerVerification);
    }

    [Fact]
    public void Kubeconfig_WithCertificates_IsReadInlineAndFromFilesBesideIt()
    {
        var (certificate, key) = MakeCertificate();
        File.WriteAllText(Path.Combine(_folder, "ca.crt"), certificate);
        var inline = Base64(certificate);
        var connection = Load(Good
            .Replace("server: \"https://10.0.0.1:6443\"", "server: \"https://h\", certificate-authority: ca.crt", StringComparison.Ordinal)
            .Replace(
                "token: abc",
                $"client-certificate-data: {inline}, client-key-data: {Base64(key)}, tokenFile: t",
                StringComparison.Ordinal)).Value;

        Assert.Single(connection.Authorities);
        Assert.True(connection.ClientCertificate!.HasPrivateKey);
        Assert.Equal(Path.Combine(_folder, "t"), connection.TokenFile);
    }

    [Theory]
    [InlineData("current-context: main", "", "current-context", "kubectl config use-context")]
    [InlineData("current-context: main", "current-context: gone", "contexts", "it has: main, other")]
    [InlineData("cluster: c, user: u", "cluster: gone, user: u", "clusters", "it has: c")]
    [InlineData("cluster: c, user: u", "user: u", "contexts[name=main].context.cluster", "is missing")]
    [InlineData("server: \"https://10.0.0.1:6443\"", "server: nonsense", "clusters[name=c].cluster.server", "https://HOST:PORT")]
    [InlineData("server: \"https", "certificate-authority-data: '!', server: \"https", "certificate-authority-data", "base64 -w0")]
    [InlineData("server: \"https", "certificate-authority: gone.crt, server: \"https", "certificate-authority", "gone.crt")]
    [InlineData("server: \"https", "proxy-url: x, server: \"https", "proxy-url", "not supported")]
    [InlineData("server: \"https", "insecure-skip-tls-verify: maybe, server: \"https", "insecure-skip-tls-verify", "true nor false")]
    [InlineData("token: abc", "exec: {command: aws}", "users[name=u].user.exec", "use a token")]
    [InlineData("token: abc", "auth-provider: {name: gcp}", "auth-provider", "use a token")]
    [InlineData("token: abc", "username: x, password: y", "username", "use a token")]
    [InlineData("token: abc", "token: [1]", "users[name=u].user.token", "quotes")]
    [InlineData("token: abc", "client-key-data: aGk=", "client-certificate", "both or neither")]
    [InlineData("token: abc", "client-certificate-data: aGk=, client-key-data: aGk=", "client-certificate", "matching pair")]
    [InlineData("kind: Config", "kind: [", "line", "not valid YAML")]
    [InlineData("apiVersion: v1", "- list", "line", "not valid YAML")]
    public void Kubeconfig_ThatIsBroken_IsRefusedNamingFileKeyAndRemedy(string good, string bad, string key, string remedy)
    {
        var text = Good.Replace(good, bad, StringComparison.Ordinal);
        Assert.NotEqual(Good, text);

        var outcome = Load(text);

        Assert.Equal(OutcomeKind.Refused, outcome.Kind);
        Assert.Contains(Path.Combine(_folder, "config"), outcome.Message, StringComparison.Ordinal);
        Assert.Contains(key, outcome.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, outcome.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("abc", outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Kubeconfig_ThatIsNotThere_IsRefusedNamingIt()
    {
        var outcome = Kubeconfig.Load([Path.Combine(_folder, "none")], null);

        Assert.Equal(OutcomeKind.Refused, outcome.Kind);
        Assert.Contains(Path.Combine(_folder, "none"), outcome.Message, StringComparison.Ordinal);
        Assert.Contains("--kubeconfig", outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Kubeconfigs_OfSeveralFiles_LieOverEachOther()
    {
        File.WriteAllText(Path.Combine(_folder, "first"), "current-context: main\nusers: [{name: u, user: {token: first}}]");
        File.WriteAllText(Path.Combine(_folder, "second"), Good);

        var connection = Kubeconfig.Load([Path.Combine(_folder, "first"), Path.Combine(_folder, "second")], null).Value;

        Assert.Equal("first", connection.Token);
        Assert.Equal("10.0.0.1", connection.Server.Host);
    }

    [Fact]
    public void Pod_WithAServiceAccount_ConnectsByIt()
    {
        File.WriteAllText(Path.Combine(_folder, "token"), "t");
        File.WriteAllText(Path.Combine(_folder, "namespace"), "localpv-system\n");
        File.WriteAllText(Path.Combine(_folder, "ca.crt"), MakeCertificate().Certificate);

        var connection = ClusterConnectionLoader.InCluster("fd00::1", "443", _folder).Value;

        Assert.Equal("https://[fd00::1]/", connection.Server.ToString());
        Assert.Equal((Path.Combine(_folder, "token"), "localpv-system"), (connection.TokenFile, connection.Namespace));
        Assert.Single(connection.Authorities);
    }

    [Fact]
    public void Pod_WithoutAServiceAccount_SaysWhatToSet()
    {
        var outcome = ClusterConnectionLoader.InCluster("10.0.0.1", "443", _folder);

        Assert.Equal(OutcomeKind.Refused, outcome.Kind);
        Assert.Contains("automountServiceAccountToken", outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Kubeconfig_WithATokenThatIsNone_SaysWhichKey()
    {
        var outcome = Load(Good.Replace("token: abc", "token: \"ab\\ncd\"", StringComparison.Ordinal));
        Assert.Equal(OutcomeKind.Refused, outcome.Kind);
        Assert.Contains("users[name=u].user.token: holds a line break", outcome.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("two\nlines")]
    [InlineData("")]
    public void TokenFile_WithWhatIsNoToken_LeavesTheLastOneInUse(string text)
    {
        var file = Path.Combine(_folder, "t");
        File.WriteAllText(file, "good\n");
        var connection = Load(Good.Replace("token: abc", "tokenFile: t", StringComparison.Ordinal)).Value;
        var tokens = new TokenSource(new LiveConnection(connection, TimeProvider.System), TimeProvider.System);
        Assert.Equal("good", tokens.Current());
        File.WriteAllText(file, text);
        tokens.Refused();
        Assert.Equal("good", tokens.Current());
        File.WriteAllText(file, "next");
        Assert.Equal("next", tokens.Current());
    }

    // None would mean those of the machine: anybody's.
    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN CERTIFICATE-----\nMIIB")]
    public void Pod_WithoutAnAuthority_IsNoConnection_AndDoesNotReplaceAGoodOne(string half)
    {
        File.WriteAllText(Path.Combine(_folder, "token"), "t");
        var file = Path.Combine(_folder, "ca.crt");
        File.WriteAllText(file, MakeCertificate().Certificate);
        var live = new LiveConnection(ClusterConnectionLoader.InCluster("10.0.0.1", "443", _folder).Value, TimeProvider.System);
        var good = live.Current();

        File.WriteAllText(file, half);
        live.Doubt();

        Assert.Same(good, live.Current());
        var outcome = ClusterConnectionLoader.InCluster("10.0.0.1", "443", _folder);
        Assert.Equal(OutcomeKind.Refused, outcome.Kind);
        Assert.Contains(file + " holds no certificate", outcome.Message, StringComparison.Ordinal);
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static (string Certificate, string Key) MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    private Outcome<ClusterConnection> Load(string text)
    {
        var file = Path.Combine(_folder, "config");
        File.WriteAllText(file, text);
        return Kubeconfig.Load([file], null);
    }
}
