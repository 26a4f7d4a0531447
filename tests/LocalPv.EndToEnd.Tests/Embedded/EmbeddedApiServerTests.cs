using System.Net;
using System.Text;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;
using LocalPv.Hosting.Embedded;

namespace LocalPv.EndToEnd.Tests.Embedded;

/// <summary>The embedded API server over real HTTP: streams, limits, escapes and its end.</summary>
public sealed class EmbeddedApiServerTests : IAsyncLifetime, IDisposable
{
    private const string Claims = "api/v1/namespaces/default/persistentvolumeclaims";

    private readonly FakeApiServer _server = new(new FakeApiServerOptions { StartedAt = Instant.From(DateTimeOffset.UtcNow) });
    private EmbeddedApiServer _listener = null!;
    private HttpClient _client = null!;

    public async Task InitializeAsync()
    {
        _listener = await EmbeddedApiServer.StartAsync(_server, new EmbeddedApiServerOptions());
        _client = new HttpClient { BaseAddress = _listener.Address, Timeout = TimeSpan.FromSeconds(30) };
    }

    public async Task DisposeAsync() => await _listener.DisposeAsync();

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task Watch_WhileNothingHappens_HasItsHeadersAtOnce_AndEachEventWhenItHappens()
    {
        using var reader = await WatchAsync("watch=1&resourceVersion=" + _server.Revision);

        await CreateAsync("a");
        Assert.Equal("ADDED a", await NextAsync(reader));
        await CreateAsync("b");
        Assert.Equal("ADDED b", await NextAsync(reader));
    }

    [Fact]
    public async Task Watch_AtItsTimeout_TellsABookmarkAndEnds()
    {
        using var reader = await WatchAsync("watch=1&allowWatchBookmarks=true&timeoutSeconds=3&resourceVersion=" + _server.Revision);

        Assert.StartsWith("BOOKMARK", await NextAsync(reader), StringComparison.Ordinal);
        Assert.Null(await reader.ReadLineAsync());
    }

    [Fact]
    public async Task Stop_WithAnOpenWatch_EndsItAndDoesNotWait()
    {
        using var reader = await WatchAsync("watch=1&resourceVersion=" + _server.Revision);

        await _listener.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(5));

        Assert.Null(await reader.ReadLineAsync());
    }

    [Fact]
    public async Task Body_OfMoreThanThreeMebibytes_IsTooLarge()
    {
        using var body = new StringContent(new string(' ', (3 * 1024 * 1024) + 1), Encoding.UTF8, "application/json");

        using var response = await _client.PostAsync(Claims, body);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Contains("RequestEntityTooLarge", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_OfYaml_IsRead()
    {
        const string Yaml = """
            apiVersion: v1
            kind: PersistentVolumeClaim
            metadata: {name: a}
            spec:
              accessModes: [ReadWriteOnce]
              resources: {requests: {storage: 1Gi}}
            """;
        using var good = new StringContent(Yaml, Encoding.UTF8, "application/apply-patch+yaml");
        using var bad = new StringContent("a: [", Encoding.UTF8, "application/apply-patch+yaml");

        using var created = await _client.PatchAsync(Claims + "/a?fieldManager=me", good);
        using var refused = await _client.PatchAsync(Claims + "/b?fieldManager=me", bad);

        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("error decoding YAML", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Name_WithAnEscapedSlash_IsOneName()
    {
        using var response = await _client.GetAsync(Claims + "/a%2Fb");

        var status = (JsonMap)JsonTree.Parse(await response.Content.ReadAsByteArrayAsync());
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("\"a/b\" not found", status.Text("message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ManyWriters_AtOnce_EachGetTheirOwnVersion()
    {
        await Task.WhenAll(Enumerable.Range(0, 50).Select(number => CreateAsync($"claim-{number}")));

        var versions = _server.Snapshot(ResourceTypes.PersistentVolumeClaims).Select(claim => claim.ResourceVersion).ToList();
        Assert.Equal(50, versions.Distinct().Count());
    }

    private async Task<StreamReader> WatchAsync(string query)
    {
        var response = await _client.GetAsync(Claims + "?" + query, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return new StreamReader(await response.Content.ReadAsStreamAsync());
    }

    private static async Task<string> NextAsync(StreamReader reader)
    {
        var told = (JsonMap)JsonTree.Parse((await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(20)))!);
        return told.Text("type") + " " + (told.At("object", "metadata", "name") as JsonText)?.Value;
    }

    private async Task CreateAsync(string name)
    {
        using var body = new StringContent(
            """
            {"metadata":{"name":"NAME"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}
            """.Replace("NAME", name, StringComparison.Ordinal),
            Encoding.UTF8,
            "application/json");
        using var response = await _client.PostAsync(Claims, body);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }
}
