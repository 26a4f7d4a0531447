using System.Net;
using LocalPv.Hosting.Options;
using LocalPv.Hosting.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace LocalPv.Hosting.Health;

/// <summary>
/// The listener for kubelet and Prometheus: <c>/healthz</c>, <c>/readyz</c> (200, or 503 with what is wrong), <c>/metrics</c>. Only reads,
/// takes no bodies, and tells nothing that is secret: names of nodes and volume groups, and numbers.
/// </summary>
internal sealed class OperationsServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private OperationsServer(WebApplication app, Uri address)
    {
        _app = app;
        Address = address;
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>Starts to listen; port 0 is any that is free. Throws <see cref="IOException"/> where the port is taken,
    /// <see cref="System.Net.Sockets.SocketException"/> where it may not be used or the address is not here.</summary>
    public static async Task<OperationsServer> StartAsync(
        IPEndPoint listen, ServiceState state, MetricsPage page, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            Bound(kestrel.Limits);
            kestrel.ListenTo(listen, options => options.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddSingleton<Microsoft.Extensions.Hosting.IHostLifetime, LifetimeOfTheProgram>();
        var app = builder.Build();
        app.Run(context => ServeAsync(context, state, page));
        await app.StartAsync(cancellationToken).ConfigureAwait(false);
        var addresses = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>();
        return new OperationsServer(app, new Uri(addresses.Addresses.First()));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }

    // A kubelet, a Prometheus or two, and a person.
    private static void Bound(KestrelServerLimits limits)
    {
        limits.MaxConcurrentConnections = 32;
        limits.MaxRequestBodySize = 0;
        limits.MaxRequestHeadersTotalSize = 16 << 10;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
        limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
    }

    private static async Task ServeAsync(HttpContext context, ServiceState state, MetricsPage page)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return;
        }

        switch (context.Request.Path.Value)
        {
            case "/healthz" or "/livez":
                await SayAsync(context, await state.LiveAsync(context.RequestAborted).ConfigureAwait(false)).ConfigureAwait(false);
                break;
            case "/readyz":
                await SayAsync(context, await state.ReadyAsync(context.RequestAborted).ConfigureAwait(false)).ConfigureAwait(false);
                break;
            case "/metrics":
                await state.RefreshAsync(context.RequestAborted).ConfigureAwait(false);
                context.Response.ContentType = PrometheusText.ContentType;
                await context.Response.WriteAsync(page.Render(), context.RequestAborted).ConfigureAwait(false);
                break;
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                await context.Response.WriteAsync("/healthz, /readyz, /metrics\n", context.RequestAborted).ConfigureAwait(false);
                break;
        }
    }

    private static Task SayAsync(HttpContext context, HealthReport report)
    {
        context.Response.StatusCode = report.IsGood ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(report.ToString(), context.RequestAborted);
    }

    // Signals are the business of the program around, not of a server inside it.
    private sealed class LifetimeOfTheProgram : Microsoft.Extensions.Hosting.IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
