using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using LocalPv.Core.Agents;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Units;
using LocalPv.Hosting.Extender;
using LocalPv.Hosting.Security;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalPv.Hosting.Tests.Security;

/// <summary>The extender's HTTPS with real handshakes.</summary>
public sealed class CertificateTests : IDisposable
{
    private static readonly CertificatePair Authority =
        CertificateMaker.Authority("test-ca", DateTimeOffset.UtcNow, TimeSpan.FromDays(30));

    private readonly string _folder = Directory.CreateTempSubdirectory("localpv-tls-").FullName;
    private readonly TickingTime _time = new();

    private string CertificateFile => Path.Combine(_folder, "tls.crt");

    private string KeyFile => Path.Combine(_folder, "tls.key");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Server_WithReplacedFiles_ServesTheNewCertificateWithoutARestart()
    {
        Write(Server("first.example"));
        using var files = Open();
        await using var server = await StartAsync(files);
        Assert.Equal("CN=first.example", await SubjectAsync(server, "first.example"));
        Write(Server("second.example"));
        _time.Tick();
        Assert.Equal("CN=second.example", await SubjectAsync(server, "second.example"));
    }

    [Fact]
    public async Task Server_WhoseNewKeyDoesNotBelong_KeepsTheOldCertificate()
    {
        Write(Server("first.example"));
        using var files = Open();
        await using var server = await StartAsync(files);
        File.WriteAllText(KeyFile, Server("other.example").KeyPem);
        _time.Tick();
        Assert.Equal("CN=first.example", await SubjectAsync(server, "first.example"));
        File.WriteAllText(CertificateFile, "no certificate");
        _time.Tick();
        Assert.Equal("CN=first.example", await SubjectAsync(server, "first.example"));
    }

    [Fact]
    public async Task Server_WithClientAuthority_LetsInOnlyThoseWhomItSigned()
    {
        var file = Path.Combine(_folder, "clients.crt");
        File.WriteAllText(file, Authority.CertificatePem);
        Write(Server("here.example"));
        using var files = Open(file);
        await using var server = await StartAsync(files);
        var good = CertificateMaker.Sign(Authority, ["scheduler"], forServer: false, DateTimeOffset.UtcNow, TimeSpan.FromDays(1));
        var stranger = CertificateMaker.Sign(
            CertificateMaker.Authority("other-ca", DateTimeOffset.UtcNow, TimeSpan.FromDays(1)), ["scheduler"], forServer: false,
            DateTimeOffset.UtcNow, TimeSpan.FromDays(1));
        var notForClients = Server("here.example");
        Assert.Equal(HttpStatusCode.OK, await GetAsync(server, "here.example", good));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => GetAsync(server, "here.example", stranger));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => GetAsync(server, "here.example", notForClients));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => GetAsync(server, "here.example", null));
    }

    [Fact]
    public void Certificate_ThatEndsInMinutes_IsAProblem()
    {
        Write(CertificateMaker.Sign(Authority, ["x.example"], forServer: true, DateTimeOffset.UtcNow, TimeSpan.FromMinutes(4)));
        using var files = Open();
        Assert.Contains("put a new one there", files.Problem, StringComparison.Ordinal);
        Write(Server("x.example"));
        _time.Tick();
        Assert.Equal("", files.Problem);
    }

    [Fact]
    public void Certificate_ThatBeginsLater_IsAProblem()
    {
        Write(CertificateMaker.Sign(
            CertificateMaker.Authority("ahead", DateTimeOffset.UtcNow, TimeSpan.FromDays(30)), ["x.example"], forServer: true,
            DateTimeOffset.UtcNow + TimeSpan.FromHours(3), TimeSpan.FromDays(1)));
        using var files = Open();
        Assert.Contains("later than now", files.Problem, StringComparison.Ordinal);
        Write(Server("x.example"));
        _time.Tick();
        Assert.Equal("", files.Problem);
    }

    [Fact]
    public void Files_ThatAreMissing_AreNamed()
    {
        var opened = CertificateFiles.Open(CertificateFile, KeyFile, null, _time, NullLogger.Instance);
        Assert.False(opened.IsDone);
        Assert.Contains(CertificateFile, opened.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_WithWhatIsNoCertificate_AreNamed()
    {
        Write(Server("x.example") with { KeyPem = "no key" });
        var authorities = Path.Combine(_folder, "clients.crt");
        File.WriteAllText(authorities, Authority.CertificatePem);
        var opened = CertificateFiles.Open(CertificateFile, KeyFile, authorities, _time, NullLogger.Instance);
        Assert.Equal(OutcomeKind.Refused, opened.Kind);
        Assert.All([CertificateFile, KeyFile, authorities], file => Assert.Contains(file, opened.Message, StringComparison.Ordinal));
    }

    private static CertificatePair Server(string name) =>
        CertificateMaker.Sign(Authority, [name], forServer: true, DateTimeOffset.UtcNow, TimeSpan.FromDays(1));

    private static Task<ExtenderServer> StartAsync(CertificateFiles files) => ExtenderServer.StartAsync(
        new ExtenderAgent(new ExtenderOptions()), () => Instant.Epoch, new IPEndPoint(IPAddress.Loopback, 0), CancellationToken.None,
        () => files.Current);

    private static async Task<string> SubjectAsync(ExtenderServer server, string name)
    {
        var subject = "";
        await GetAsync(server, name, null, seen => subject = seen);
        return subject;
    }

    private static async Task<HttpStatusCode> GetAsync(
        ExtenderServer server, string name, CertificatePair? client, Action<string>? seen = null)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false };
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(X509Certificate2.CreateFromPem(Authority.CertificatePem));
        handler.SslOptions.CertificateChainPolicy = policy;
        // The name is the test's own; the connection goes to the server wherever it listens.
        handler.ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, server.Address.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
        {
            seen?.Invoke(certificate!.Subject);
            return errors == SslPolicyErrors.None;
        };
        using var identity = client is null ? null : X509Certificate2.CreateFromPem(client.CertificatePem, client.KeyPem);
        if (identity is not null)
        {
            handler.SslOptions.ClientCertificates = [identity];
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => identity;
        }

        using var http = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"https://{name}/healthz"));
        using var response = await http.SendAsync(request);
        return response.StatusCode;
    }

    private CertificateFiles Open(string? clients = null) =>
        CertificateFiles.Open(CertificateFile, KeyFile, clients, _time, NullLogger.Instance).Value;

    private void Write(CertificatePair pair)
    {
        File.WriteAllText(CertificateFile, pair.CertificatePem);
        File.WriteAllText(KeyFile, pair.KeyPem);
    }

    // The real clock, with timers that ring when the test says.
    private sealed class TickingTime : TimeProvider
    {
        private readonly List<(TimerCallback Ring, object? State)> _timers = [];

        public void Tick() => _timers.ForEach(timer => timer.Ring(timer.State));

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _timers.Add((callback, state));
            return new NoTimer();
        }

        private sealed class NoTimer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
