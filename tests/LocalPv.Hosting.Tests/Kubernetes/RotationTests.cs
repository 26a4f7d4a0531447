using System.Security.Cryptography.X509Certificates;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Outcomes;
using LocalPv.Core.Ports;
using LocalPv.Hosting.Kubernetes;
using LocalPv.Hosting.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace LocalPv.Hosting.Tests.Kubernetes;

/// <summary>Certificates and authorities are replaced under a running process, and it goes on.</summary>
public sealed class RotationTests : IDisposable
{
    private static readonly ClusterRequest Read =
        new ClusterRequest.Get(ResourceTypes.Nodes, ObjectKey.ClusterScoped("n"));

    private static readonly CertificatePair First = CertificateMaker.Authority("first", DateTimeOffset.UtcNow, TimeSpan.FromDays(1));
    private static readonly CertificatePair Second = CertificateMaker.Authority("second", DateTimeOffset.UtcNow, TimeSpan.FromDays(1));

    private readonly string _folder = Directory.CreateTempSubdirectory("localpv-rotation-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task ClientCertificate_Replaced_IsUsedForTheNextRequestAndAnOpenWatchGoesOn()
    {
        await using var server = await StartAsync(() => First);
        WriteClient("one");
        using var api = Api(server);
        Assert.Equal("one", await WhoAsync(api));
        var watched = new List<WatchSignal>();
        using var watch = api.Watch(new WatchRequest(ResourceTypes.Nodes, ObjectSelector.Everything, "1"), signal =>
        {
            lock (watched)
            {
                watched.Add(signal);
            }
        });
        await UntilAsync(() => Count(watched) > 0);

        WriteClient("two");
        await DoubtedAsync(server, api);

        Assert.Equal("two", await WhoAsync(api));
        var before = Count(watched);
        await UntilAsync(() => Count(watched) > before + 1);
        Assert.DoesNotContain(watched.ToArray(), signal => signal is WatchSignal.Closed);
    }

    [Fact]
    public async Task Authority_Replaced_TheServersNewCertificateIsTrustedAndTheOldOneNoMore()
    {
        var signer = First;
        await using var server = await StartAsync(() => signer);
        server.ClosesConnections = true;
        WriteClient("one");
        using var api = Api(server);
        Assert.Equal("one", await WhoAsync(api));

        // The server comes back with a certificate of another authority; our file says so a moment later.
        signer = Second;
        var refused = await api.SendAsync(Read, CancellationToken.None);
        Assert.Equal(OutcomeKind.Unavailable, refused.Kind);
        Assert.Contains("certificate", refused.Message, StringComparison.OrdinalIgnoreCase);
        await File.WriteAllTextAsync(Path.Combine(_folder, "ca.crt"), Second.CertificatePem);

        Assert.Equal("one", await WhoAsync(api));
        signer = First;
        Assert.Equal(OutcomeKind.Unavailable, (await api.SendAsync(Read, CancellationToken.None)).Kind);
    }

    [Fact]
    public void Files_HalfWritten_LeaveTheLastGoodConnectionInUse()
    {
        WriteClient("one");
        var live = new LiveConnection(Load("https://127.0.0.1:1"), TimeProvider.System);
        var first = live.Current();

        File.WriteAllText(Path.Combine(_folder, "client.crt"), "-----BEGIN CERT");
        live.Doubt();
        Assert.Same(first, live.Current());
        File.Delete(Path.Combine(_folder, "client.crt"));
        live.Doubt();
        Assert.Same(first, live.Current());
        WriteClient("two");
        live.Doubt();
        Assert.Equal("CN=two", live.Current().ClientCertificate!.Subject);
    }

    [Fact]
    public async Task ClientCertificate_ReplacedBesideARequest_LeavesItTheConnectionsThatItBeganWith()
    {
        WriteClient("one");
        var live = new LiveConnection(Load("https://127.0.0.1:1"), TimeProvider.System);
        var ways = new List<SlowWay>();
        using var client = new HttpMessageInvoker(new LiveHandler(live, _ =>
        {
            ways.Add(new SlowWay());
            return ways[^1];
        }));
        using var firstMessage = new HttpRequestMessage(HttpMethod.Get, "https://127.0.0.1:1/");
        using var secondMessage = new HttpRequestMessage(HttpMethod.Get, "https://127.0.0.1:1/");
        var first = client.SendAsync(firstMessage, CancellationToken.None);
        WriteClient("two");
        live.Doubt();
        var second = client.SendAsync(secondMessage, CancellationToken.None);

        Assert.Equal([false, false], ways.Select(way => way.IsClosed));
        ways[0].Answer.SetResult();
        using var firstAnswer = await first;
        Assert.Equal([true, false], ways.Select(way => way.IsClosed));
        ways[1].Answer.SetResult();
        using var secondAnswer = await second;
        Assert.Equal([true, false], ways.Select(way => way.IsClosed));
        WriteClient("three");
        live.Doubt();
        using var thirdMessage = new HttpRequestMessage(HttpMethod.Get, "https://127.0.0.1:1/");
        var third = client.SendAsync(thirdMessage, CancellationToken.None);
        Assert.Equal([true, true, false], ways.Select(way => way.IsClosed));
        ways[2].Answer.SetResult();
        using var thirdAnswer = await third;
    }

    private static int Count(List<WatchSignal> signals)
    {
        lock (signals)
        {
            return signals.Count;
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var i = 0; i < 1000 && !condition(); i++)
        {
            await Task.Delay(10);
        }

        Assert.True(condition());
    }

    private static async Task<string> WhoAsync(HttpClusterApi api) =>
        (await api.SendAsync(Read, CancellationToken.None)).Value.Object!.Name;

    // An answer of 401 makes the client look at once instead of within ten seconds.
    private static async Task DoubtedAsync(TlsServer server, HttpClusterApi api)
    {
        server.RefuseNext = true;
        Assert.Equal(OutcomeKind.Refused, (await api.SendAsync(Read, CancellationToken.None)).Kind);
    }

    private void WriteClient(string name)
    {
        var pair = CertificateMaker.Sign(First, [name], forServer: false, DateTimeOffset.UtcNow, TimeSpan.FromHours(1));
        File.WriteAllText(Path.Combine(_folder, "client.crt"), pair.CertificatePem);
        File.WriteAllText(Path.Combine(_folder, "client.key"), pair.KeyPem);
    }

    private HttpClusterApi Api(TlsServer server) => new(Load(server.Address), TimeProvider.System);

    private ClusterConnection Load(string address)
    {
        var file = Path.Combine(_folder, "kubeconfig");
        if (!File.Exists(Path.Combine(_folder, "ca.crt")))
        {
            File.WriteAllText(Path.Combine(_folder, "ca.crt"), First.CertificatePem);
        }

        File.WriteAllText(
            file,
            $$$"""
            current-context: main
            clusters: [{name: c, cluster: {server: "{{{address}}}", certificate-authority: ca.crt}}]
            contexts: [{name: main, context: {cluster: c, user: u}}]
            users: [{name: u, user: {client-certificate: client.crt, client-key: client.key}}]
            """);
        return Kubeconfig.Load([file], null).Value;
    }

    private static Task<TlsServer> StartAsync(Func<CertificatePair> signer) => TlsServer.StartAsync(signer);

    /// <summary>Answers when it is told to, and refuses as a SocketsHttpHandler does once it is disposed.</summary>
    private sealed class SlowWay : HttpMessageHandler
    {
        public TaskCompletionSource Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsClosed { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await Answer.Task;
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return new HttpResponseMessage();
        }

        protected override void Dispose(bool disposing)
        {
            IsClosed = true;
            base.Dispose(disposing);
        }
    }

    /// <summary>A server over TLS that answers with the name in the client's certificate.</summary>
    private sealed class TlsServer(WebApplication app) : IAsyncDisposable
    {
        private readonly CancellationTokenSource _end = new();

        public string Address => app.Urls.Single();

        public bool RefuseNext { get; set; }

        /// <summary>Whether each answer is the last on its connection.</summary>
        public bool ClosesConnections { get; set; }

        public static async Task<TlsServer> StartAsync(Func<CertificatePair> signer)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseKestrelHttpsConfiguration();
            builder.WebHost.UseUrls("https://127.0.0.1:0");
            builder.Logging.ClearProviders();
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureHttpsDefaults(tls =>
            {
                tls.ServerCertificateSelector = (_, _) => ServerCertificate(signer());
                tls.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                tls.AllowAnyClientCertificate();
            }));
            var app = builder.Build();
            var server = new TlsServer(app);
            app.Run(server.AnswerAsync);
            await app.StartAsync();
            return server;
        }

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            await app.DisposeAsync();
            _end.Dispose();
        }

        private static X509Certificate2 ServerCertificate(CertificatePair authority)
        {
            var pair = CertificateMaker.Sign(authority, ["127.0.0.1"], forServer: true, DateTimeOffset.UtcNow, TimeSpan.FromHours(1));
            using var certificate = X509Certificate2.CreateFromPem(pair.CertificatePem, pair.KeyPem);
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
        }

        private async Task AnswerAsync(HttpContext context)
        {
            var name = context.Connection.ClientCertificate!.Subject[3..];
            var tree = $$$"""{"kind":"Node","metadata":{"name":"{{{name}}}","resourceVersion":"2"}}""";
            if (context.Request.Query.ContainsKey("watch"))
            {
                while (!context.RequestAborted.IsCancellationRequested && !_end.IsCancellationRequested)
                {
                    await context.Response.WriteAsync($$"""{"type":"MODIFIED","object":{{tree}}}""" + "\n", CancellationToken.None);
                    await context.Response.Body.FlushAsync(CancellationToken.None);
                    await Task.Delay(20, CancellationToken.None);
                }

                return;
            }

            context.Response.StatusCode = RefuseNext ? 401 : 200;
            RefuseNext = false;
            if (ClosesConnections)
            {
                context.Response.Headers.Connection = "close";
            }

            await context.Response.WriteAsync(tree);
        }
    }
}
