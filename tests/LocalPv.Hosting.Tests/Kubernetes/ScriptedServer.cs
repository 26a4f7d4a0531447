using System.Collections.Concurrent;
using LocalPv.Hosting.Kubernetes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace LocalPv.Hosting.Tests.Kubernetes;

/// <summary>An HTTP server that answers as each test says, byte by byte, and remembers what it was asked.</summary>
public sealed class ScriptedServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ScriptedServer(WebApplication app) => _app = app;

    /// <summary>What was asked: method, path with query, content type, body, authorization.</summary>
    public ConcurrentQueue<(string Method, string Path, string ContentType, string Body, string Authorization)> Asked { get; } = new();

    public Uri Address => new(_app.Urls.Single() + "/");

    public ClusterConnection Connection => new() { Server = Address, Source = "test" };

    public static async Task<ScriptedServer> StartAsync(Func<HttpContext, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var server = new ScriptedServer(app);
        app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            server.Asked.Enqueue((
                context.Request.Method,
                context.Request.Path + context.Request.QueryString,
                context.Request.ContentType ?? "",
                await reader.ReadToEndAsync(),
                context.Request.Headers.Authorization.ToString()));
            await answer(context);
        });
        await app.StartAsync();
        return server;
    }

    /// <summary>A server that answers every request with this.</summary>
    public static Task<ScriptedServer> AnsweringAsync(int status, string body, params (string Name, string Value)[] headers) =>
        StartAsync(async context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = "application/json";
            foreach (var (name, value) in headers)
            {
                context.Response.Headers[name] = value;
            }

            await context.Response.WriteAsync(body);
        });

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
