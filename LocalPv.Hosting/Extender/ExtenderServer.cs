using System.Net;
using LocalPv.Core.Agents;
using LocalPv.Core.Units;
using LocalPv.Hosting.Options;
using LocalPv.Hosting.Security;
using LocalPv.Hosting.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;

namespace LocalPv.Hosting.Extender;

/// <summary>The extender's own HTTP listener.</summary>
internal sealed class ExtenderServer : IAsyncDisposable
{
    // kube-scheduler gives up after 5 s (the extender's httpTimeout); an answer after that helps nobody and holds up the next call.
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan HandshakeLimit = TimeSpan.FromSeconds(5);

    private readonly WebApplication _app;
    private int _ended;

    private ExtenderServer(WebApplication app, Uri address)
    {
        _app = app;
        Address = address;
    }

    /// <summary>What the scheduler's configuration names as <c>urlPrefix</c>.</summary>
    public Uri Address { get; }

    /// <summary>Starts to listen; port 0 is any that is free. Throws <see cref="IOException"/> where the port is taken,
    /// <see cref="System.Net.Sockets.SocketException"/> where it may not be used or the address is not here.</summary>
    /// <param name="agent">Answers.</param>
    /// <param name="clock">The time for it.</param>
    /// <param name="listen">Where.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    /// <param name="certificate">For HTTPS, asked at each handshake; null for plain HTTP.</param>
    /// <param name="metrics">Where calls are counted; null to count none.</param>
    /// <param name="answers">Who answers in the agent's place, such as one who writes it down; null for the agent itself.</param>
    public static async Task<ExtenderServer> StartAsync(
        ExtenderAgent agent,
        Func<Instant> clock,
        IPEndPoint listen,
        CancellationToken cancellationToken,
        Func<ServerCertificate>? certificate = null,
        LocalPvMetrics? metrics = null,
        IExtenderAnswers? answers = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        if (certificate is not null)
        {
            builder.WebHost.UseKestrelHttpsConfiguration();
        }

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            Bound(kestrel.Limits);
            kestrel.ListenTo(listen, options => Secure(options, certificate));
        });
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        app.Use(next => context => RunAsync(context, next, metrics));
        app.MapExtender(agent, clock, answers: answers);
        await app.StartAsync(cancellationToken).ConfigureAwait(false);
        var addresses = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>();
        return new ExtenderServer(app, new Uri(addresses.Addresses.First() + "/scheduler"));
    }

    /// <summary>Takes no more connections, answers the calls that are under way, which take at most 5 s each, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            await _app.StopAsync().ConfigureAwait(false);
            await _app.DisposeAsync().ConfigureAwait(false);
        }
    }

    // A few schedulers, with a few connections each. The server buffers up to 1 MiB of each connection, and each of two calls on it holds a
    // small body at most: 64 MiB in all. Beyond that, bodies are bounded where they are read.
    private static void Bound(KestrelServerLimits limits)
    {
        limits.MaxConcurrentConnections = 32;
        limits.Http2.MaxStreamsPerConnection = 2;
        limits.MaxRequestHeadersTotalSize = 16 << 10;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
        limits.KeepAliveTimeout = TimeSpan.FromMinutes(5);
    }

    private static void Secure(ListenOptions options, Func<ServerCertificate>? certificate)
    {
        if (certificate is not null)
        {
            options.UseHttps(new TlsHandshakeCallbackOptions
            {
                HandshakeTimeout = HandshakeLimit,
                OnConnection = _ => ValueTask.FromResult(certificate().Options),
            });
        }
    }

    private static async Task RunAsync(HttpContext context, RequestDelegate next, LocalPvMetrics? metrics)
    {
        var began = TimeProvider.System.GetTimestamp();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        limit.CancelAfter(CallLimit);
        var aborted = context.RequestAborted;
        context.RequestAborted = limit.Token;
        try
        {
            await next(context).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !aborted.IsCancellationRequested)
        {
            context.Abort();
        }
        finally
        {
            context.RequestAborted = aborted;
            if (metrics is not null && context.Request.Path.StartsWithSegments("/scheduler", StringComparison.Ordinal, out var verb))
            {
                metrics.ExtenderCalled(
                    VerbOf(verb), context.Response.StatusCode, TimeProvider.System.GetElapsedTime(began));
            }
        }
    }

    // A label must not take whatever a caller makes up.
    private static string VerbOf(PathString path) => path.Value switch
    {
        "/filter" => "filter",
        "/prioritize" => "prioritize",
        _ => "other",
    };
}
