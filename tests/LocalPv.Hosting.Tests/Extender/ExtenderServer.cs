using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using LocalPv.Core.Tests.Agents;
using LocalPv.Hosting.Extender;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace LocalPv.Hosting.Tests.Extender;

/// <summary>An extender behind a real Kestrel on a port of its own.</summary>
internal sealed class ExtenderServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _http;

    private ExtenderServer(WebApplication app, ExtenderWorld world)
    {
        _app = app;
        World = world;
        _http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public ExtenderWorld World { get; }

    public Uri Address => _http.BaseAddress!;

    public static async Task<ExtenderServer> StartAsync(ExtenderWorld world, ExtenderHttpOptions? options = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapExtender(world.Agent, () => world.Now, options);
        await app.StartAsync();
        return new ExtenderServer(app, world);
    }

    public async Task<(int Status, string Body)> GetAsync(string path)
    {
        using var response = await _http.GetAsync(new Uri(path, UriKind.Relative));
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public Task<(int Status, byte[] Body)> PostAsync(string path, string body) => PostAsync(path, Encoding.UTF8.GetBytes(body));

    public async Task<(int Status, byte[] Body)> PostAsync(string path, byte[] body, bool chunked = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TransferEncodingChunked = chunked;
        using var response = await _http.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync());
    }

    public async Task<JsonElement> AskAsync(string verb, byte[] body, bool chunked = false)
    {
        var (status, answer) = await PostAsync("/scheduler/" + verb, body, chunked);
        Assert.True(status == 200, $"{status}: {Encoding.UTF8.GetString(answer)}");
        using var document = JsonDocument.Parse(answer);
        return document.RootElement.Clone();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
    }
}
