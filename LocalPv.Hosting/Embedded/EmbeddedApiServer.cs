using System.Net;
using System.Text;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Rest;
using LocalPv.Fake.Api.Store;
using LocalPv.Hosting.Kubernetes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LocalPv.Hosting.Embedded;

/// <summary>
/// The in-memory API server behind real HTTP on the loopback address. The server itself has one thread: requests, watches and models in the
/// same process take <see cref="Gate"/> in turn, and hold it only while they compute.
/// </summary>
public sealed class EmbeddedApiServer : IAsyncDisposable
{
    // As the real server's limit for a request.
    private const long BodyBytesMax = 3 * 1024 * 1024;

    private readonly WebApplication _app;
    private readonly Action _detach;
    private readonly SelfMadeAuthority? _authority;
    private readonly EmbeddedApiServerOptions _options;

    private EmbeddedApiServer(
        WebApplication app, SelfMadeAuthority? authority, EmbeddedApiServerOptions options, Lock gate, Uri address, Action detach)
    {
        _detach = detach;
        _app = app;
        _authority = authority;
        _options = options;
        Gate = gate;
        Address = address;
    }

    /// <summary>Held by whoever uses the server; never across an await.</summary>
    public Lock Gate { get; }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>A kubeconfig for it, with the first of the tokens that may do everything, if there are any.</summary>
    public string Kubeconfig => KubeconfigText.Write(
        Address,
        _authority?.AuthorityPem,
        _options.Tokens.Where(token => token.Value.MayDoEverything).Select(token => token.Key).FirstOrDefault());

    /// <summary>Starts to listen. <paramref name="gate"/> is the lock that others of the same process already use for the server, if
    /// any.</summary>
    public static async Task<EmbeddedApiServer> StartAsync(
        FakeApiServer server, EmbeddedApiServerOptions options, Lock? gate = null, CancellationToken cancellationToken = default)
    {
        gate ??= new Lock();
        var authority = options.UseTls ? SelfMadeAuthority.Create(options.Time.GetUtcNow()) : null;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        if (authority is not null)
        {
            builder.WebHost.UseKestrelHttpsConfiguration();
        }

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = BodyBytesMax;
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, options.Port, listen =>
            {
                if (authority is not null)
                {
                    listen.UseHttps(authority.Server);
                }

                listen.Protocols = authority is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
            });
        });
        // Signals are the business of the program around, not of a server inside it.
        builder.Services.AddSingleton<IHostLifetime, LifetimeOfTheProgram>();
        var app = builder.Build();
        var pulse = new ChangePulse();
        server.Committed += pulse.Beat;
        RequestDelegate? serve = null;
        app.Run(context => serve!(context));
        var api = new RestApi(server, new RestApiOptions { Tokens = options.Tokens, Admit = options.Admit, ReadYaml = ReadYaml });
        serve = new RestEndpoint(api, gate, pulse, options.Time, app.Lifetime.ApplicationStopping).ServeAsync;
        await app.StartAsync(cancellationToken).ConfigureAwait(false);
        var addresses = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>();
        var address = new Uri(addresses.Addresses.First());
        return new EmbeddedApiServer(app, authority, options, gate, address, () => server.Committed -= pulse.Beat);
    }

    /// <summary>The time as the server reads it.</summary>
    public Instant Now => Instant.From(_options.Time.GetUtcNow());

    /// <summary>Ends the watches, waits for what is being answered, and stops listening.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
        _detach();
        _authority?.Dispose();
    }

    private static JsonTree ReadYaml(ReadOnlyMemory<byte> body)
    {
        var read = YamlTree.ReadAll(Encoding.UTF8.GetString(body.Span), "the body");
        return !read.TryGetValue(out var documents)
            ? throw new FormatException(read.Message)
            : documents.Count > 0 ? documents[0] : throw new FormatException("the body is empty");
    }
    private sealed class LifetimeOfTheProgram : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
