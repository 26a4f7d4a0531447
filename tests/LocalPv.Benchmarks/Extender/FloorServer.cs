using System.Globalization;
using LocalPv.Hosting.Extender;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace LocalPv.Benchmarks.Extender;

/// <summary>
/// A process with the extender, and beside it the floor: an endpoint that reads the body, throws it away, and answers with as many bytes as
/// it is told. What the floor takes is what HTTP and the loopback cost.
/// </summary>
internal static class FloorServer
{
    /// <summary>Serves until its standard input ends; prints its address first.</summary>
    public static async Task RunAsync(int nodes, int claims)
    {
        var cluster = new ExtenderCluster(nodes, claims);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        await using var app = builder.Build();
        app.MapExtender(cluster.Agent, () => ExtenderCluster.Now);
        byte[] answer = [];
        app.MapPost("/floor/{bytes}", async context =>
        {
            var bytes = int.Parse((string)context.Request.RouteValues["bytes"]!, CultureInfo.InvariantCulture);
            if (answer.Length != bytes)
            {
                answer = new byte[bytes];
                Array.Fill(answer, (byte)' ');
            }

            var body = context.Request.BodyReader;
            for (var read = await body.ReadAsync(); ; read = await body.ReadAsync())
            {
                body.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    break;
                }
            }

            context.Response.ContentType = "application/json";
            context.Response.ContentLength = answer.Length;
            await context.Response.Body.WriteAsync(answer);
        });
        await app.StartAsync();
        await Console.Out.WriteLineAsync(app.Urls.First());
        await Console.In.ReadLineAsync();
        await app.StopAsync();
    }
}
