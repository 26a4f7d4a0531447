using System.Net;
using System.Text;
using System.Threading.Channels;
using LocalPv.Hosting.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace LocalPv.Hosting.Tests.Telemetry;

/// <summary>What is measured reaches an OpenTelemetry collector where the environment names one.</summary>
[Collection("Metrics")]
public sealed class OtlpTests
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string Protocol = "OTEL_EXPORTER_OTLP_PROTOCOL";

    [Fact]
    public async Task Page_WithACollectorInTheEnvironment_SendsItWhatWasMeasured()
    {
        var received = Channel.CreateUnbounded<(string Path, string ContentType, string Body)>();
        await using var collector = await ListenAsync(received.Writer);
        Environment.SetEnvironmentVariable(Endpoint, collector.Urls.Single());
        Environment.SetEnvironmentVariable(Protocol, "http/protobuf");
        try
        {
            using var metrics = new LocalPvMetrics();
            using (new MetricsPage("localpv-of-the-test"))
            {
                metrics.Rescheduled("a-reason-of-the-test");
            }
        }
        finally
        {
            Environment.SetEnvironmentVariable(Endpoint, null);
            Environment.SetEnvironmentVariable(Protocol, null);
        }

        // The page sends what is left when it ends, and waits for that; so it has arrived by now.
        Assert.True(received.Reader.TryRead(out var call), "Nothing was sent.");
        Assert.Equal("/v1/metrics", call.Path);
        Assert.Equal("application/x-protobuf", call.ContentType);
        Assert.Contains("localpv-of-the-test", call.Body, StringComparison.Ordinal);
        Assert.Contains("localpv.reschedules", call.Body, StringComparison.Ordinal);
        Assert.Contains("a-reason-of-the-test", call.Body, StringComparison.Ordinal);
    }

    private static async Task<WebApplication> ListenAsync(ChannelWriter<(string Path, string ContentType, string Body)> received)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            var text = Encoding.Latin1.GetString(body.ToArray());
            await received.WriteAsync((context.Request.Path, context.Request.ContentType ?? "", text));
            context.Response.ContentType = "application/x-protobuf";
        });
        await app.StartAsync();
        return app;
    }
}
