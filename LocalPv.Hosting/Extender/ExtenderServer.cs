using System.Net;
using LocalPv.Core.Agents;
using LocalPv.Core.Units;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace LocalPv.Hosting.Extender;

/// <summary>The extender's own HTTP listener.</summary>
internal sealed class ExtenderServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ExtenderServer(WebApplication app, Uri address)
    {
        _app = app;
        Address = address;
    }

    /// <summary>What the scheduler's configuration names as <c>urlPrefix</c>.</summary>
    public Uri Address { get; }

    /// <summary>Starts to listen; port 0 is any that is free. Throws <see cref="IOException"/> where the port is taken.</summary>
    public static async Task<ExtenderServer> StartAsync(
        ExtenderAgent agent, Func<Instant> clock, IPEndPoint listen, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(listen);
        });
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        app.MapExtender(agent, clock);
        await app.StartAsync(cancellationToken).ConfigureAwait(false);
        var addresses = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>();
        return new ExtenderServer(app, new Uri(addresses.Addresses.First() + "/scheduler"));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }
}
