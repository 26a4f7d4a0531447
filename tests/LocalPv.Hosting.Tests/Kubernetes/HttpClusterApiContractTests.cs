using System.Net;
using System.Text;
using LocalPv.Contracts;
using LocalPv.Core.Kubernetes;
using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Ports;
using LocalPv.Core.Units;
using LocalPv.Fake.Api.Store;
using LocalPv.Hosting.Embedded;
using LocalPv.Hosting.Kubernetes;

namespace LocalPv.Hosting.Tests.Kubernetes;

/// <summary>The adapter keeps the contract of every <see cref="IClusterApi"/>.</summary>
public sealed class HttpClusterApiContractTests : OverHttpContract
{
    /// <inheritdoc/>
    protected override HttpClusterApi Connect(Uri server, DelegatingHandler network) => new(
        new ClusterConnection { Server = server, Source = "test" },
        new HttpClient(network) { BaseAddress = server, Timeout = Timeout.InfiniteTimeSpan },
        TimeProvider.System);
}

/// <summary>The contract of every <see cref="IClusterApi"/>, over real HTTP against the embedded server.</summary>
public abstract class OverHttpContract : ClusterApiContract, IAsyncLifetime, IDisposable
{
    private readonly MovableTime _time = new();
    private readonly UnreliableNetwork _network = new();
    private readonly FakeApiServer _server;
    private EmbeddedApiServer? _http;
    private HttpClusterApi? _api;

    protected OverHttpContract() =>
        _server = new FakeApiServer(new FakeApiServerOptions { StartedAt = Instant.From(_time.GetUtcNow()) });

    /// <inheritdoc/>
    protected override IClusterApi Api => _api!;

    /// <inheritdoc/>
    protected override int RequestsSeen => _network.RequestsSeen;

    public async Task InitializeAsync()
    {
        _http = await EmbeddedApiServer.StartAsync(_server, new EmbeddedApiServerOptions { Time = _time });
        _api = Connect(_http.Address, _network);
    }

    public async Task DisposeAsync() => await _http!.DisposeAsync();

    public void Dispose()
    {
        _api?.Dispose();
        _network.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The adapter, all of whose requests pass <paramref name="network"/>.</summary>
    protected abstract HttpClusterApi Connect(Uri server, DelegatingHandler network);

    /// <inheritdoc/>
    protected override void FailNextWith(int status, int? retryAfterSeconds) => _network.FailNext(status, retryAfterSeconds);

    /// <inheritdoc/>
    protected override void LoseNextAnswer() => _network.LoseNext();

    /// <inheritdoc/>
    protected override void Compact()
    {
        lock (_http!.Gate)
        {
            _server.Compact(_server.Revision);
        }
    }

    /// <inheritdoc/>
    protected override void LetWatchesEnd()
    {
        _time.Forward(TimeSpan.FromHours(1));

        // Watches look at the time when something changes that may concern them, or by a timer that knows nothing of the leap. A
        // definition may concern all.
        lock (_http!.Gate)
        {
            var names = JsonMap.Of(("plural", "laters"), ("kind", "Later"));
            _server.Seed(Instant.From(_time.GetUtcNow()), ResourceTypes.CustomResourceDefinitions, JsonMap.Of(
                ("metadata", JsonMap.Of(("name", "laters.example.com"))),
                ("spec", JsonMap.Of(("group", "example.com"), ("names", names), ("scope", "Cluster")))));
        }
    }

    /// <inheritdoc/>
    protected override async Task<bool> Until(Func<bool> condition)
    {
        for (var i = 0; i < 500 && !condition(); i++)
        {
            await Task.Delay(20);
        }

        return condition();
    }

    /// <summary>The present, which a test may move forward.</summary>
    private sealed class MovableTime : TimeProvider
    {
        private long _ahead;

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + new TimeSpan(Volatile.Read(ref _ahead));

        public void Forward(TimeSpan time) => Interlocked.Add(ref _ahead, time.Ticks);
    }

    /// <summary>The way to the server, on which one request may be answered by somebody else, or its answer get lost.</summary>
    private sealed class UnreliableNetwork() : DelegatingHandler(new SocketsHttpHandler { UseProxy = false })
    {
        private HttpResponseMessage? _instead;
        private int _losing;
        private int _seen;

        public int RequestsSeen => Volatile.Read(ref _seen);

        public void FailNext(int status, int? retryAfterSeconds)
        {
            var body = $$"""{"kind":"Status","apiVersion":"v1","message":"injected","reason":"Injected","code":{{status}}}""";
            _instead = new HttpResponseMessage((HttpStatusCode)status)
            {
                Content = new StringContent(body, Encoding.UTF8, "application/json"),
            };
            if (retryAfterSeconds is { } seconds)
            {
                _instead.Headers.Add("Retry-After", $"{seconds}");
            }
        }

        public void LoseNext() => _losing = 1;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri!.Query.Contains("watch=1", StringComparison.Ordinal))
            {
                return await base.SendAsync(request, cancellationToken);
            }

            Interlocked.Increment(ref _seen);
            if (Interlocked.Exchange(ref _instead, null) is { } instead)
            {
                return instead;
            }

            var response = await base.SendAsync(request, cancellationToken);
            if (Interlocked.Exchange(ref _losing, 0) == 0)
            {
                return response;
            }

            response.Dispose();
            throw new HttpRequestException(HttpRequestError.ResponseEnded, "The connection ended before the answer.");
        }
    }
}
